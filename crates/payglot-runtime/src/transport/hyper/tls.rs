//! TLS with ring: trusts the system's certificates, `SSL_CERT_FILE`, and what the client was given.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::ConnectOptions;
use crate::error::Error;
use crate::variables::{CERTIFICATE_FILE, CERTIFICATE_FOLDERS, Variables};

/// The TLS settings of one client.
pub(crate) fn config(options: &ConnectOptions, is_needed: bool) -> Result<ClientConfig, Error> {
    // A plain host needs no certificates, and a client for one costs nothing.
    let system = || system(&options.variables);
    let roots = match (is_needed, options.ca_certificates.is_empty()) {
        (true, true) => system()?,
        (true, false) => with_own(system(), &options.ca_certificates)?,
        (false, _) => Arc::new(RootCertStore::empty()),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::configuration("TLS could not be set up").with_source(error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

/// Where the environment says that the certificates are, instead of where the system has them.
#[derive(Clone, Default, PartialEq, Eq)]
struct Locations {
    file: Option<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Locations {
    fn of(variables: &Variables) -> Self {
        let folders = variables.get(CERTIFICATE_FOLDERS);
        let folders = folders.iter().flat_map(|list| std::env::split_paths(list.as_str()));
        Self {
            file: variables.get(CERTIFICATE_FILE).map(|file| PathBuf::from(file.as_str())),
            folders: folders.filter(|folder| !folder.as_os_str().is_empty()).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.file.is_none() && self.folders.is_empty()
    }

    /// Reads what can be read; what cannot may be a certificate of no use here.
    fn read(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        let mut add = |file, folder| {
            let found = rustls_native_certs::load_certs_from_paths(file, folder);
            roots.add_parsable_certificates(found.certs);
        };
        if let Some(file) = &self.file {
            add(Some(file), None);
        }
        for folder in &self.folders {
            add(None, Some(folder));
        }
        roots
    }
}

/// The system's certificates, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR`; the system's are read once per process.
fn system(variables: &Variables) -> Result<Arc<RootCertStore>, Error> {
    static SYSTEM: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    /// The last ones that the environment named.
    static NAMED: Mutex<Option<(Locations, Arc<RootCertStore>)>> = Mutex::new(None);

    let locations = Locations::of(variables);
    if locations.is_empty() {
        if let Some(roots) = SYSTEM.get() {
            return Ok(roots.clone());
        }
        let roots = checked(of_system(variables), &locations)?;
        return Ok(SYSTEM.get_or_init(|| roots).clone());
    }
    // Never waits: the lock may have been held by another thread when this process was forked.
    let known = NAMED.try_lock().ok().and_then(|named| named.clone());
    if let Some((_, roots)) = known.filter(|(known, _)| *known == locations) {
        return Ok(roots);
    }
    let roots = checked(locations.read(), &locations)?;
    if let Ok(mut named) = NAMED.try_lock() {
        *named = Some((locations, roots.clone()));
    }
    Ok(roots)
}

/// Where Linux and the BSDs have them.
const FOLDERS: [&str; 4] =
    ["/etc/ssl/certs", "/etc/pki/tls/certs", "/usr/local/share/certs", "/etc/openssl/certs"];

/// The system's own, without a look at the process's variables where others were handed down.
fn of_system(variables: &Variables) -> RootCertStore {
    let process = Locations::of(&Variables::default());
    if !variables.are_of_process()
        && !process.is_empty()
        && cfg!(unix)
        && !cfg!(target_os = "macos")
    {
        return Locations { file: None, folders: FOLDERS.map(PathBuf::from).into() }.read();
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn checked(roots: RootCertStore, locations: &Locations) -> Result<Arc<RootCertStore>, Error> {
    if !roots.is_empty() {
        return Ok(Arc::new(roots));
    }
    Err(Error::configuration(if locations.is_empty() {
        "no trusted certificates were found; install the system's or set SSL_CERT_FILE"
    } else {
        "no trusted certificates were found where SSL_CERT_FILE and SSL_CERT_DIR say; correct or unset them"
    }))
}

/// The caller's certificates beside the system's, where there are any.
fn with_own(
    system: Result<Arc<RootCertStore>, Error>,
    pem: &[u8],
) -> Result<Arc<RootCertStore>, Error> {
    let mut roots = system.map_or_else(|_| RootCertStore::empty(), |roots| (*roots).clone());
    let mut count = 0_usize;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        count += 1;
        let unreadable = || {
            Error::configuration(format!(
                "certificate {count} of `ca_certificates` cannot be read; correct it or take it out"
            ))
        };
        let certificate = certificate.map_err(|error| unreadable().with_source(error))?;
        roots.add(certificate).map_err(|error| unreadable().with_source(error))?;
    }
    if count == 0 {
        return Err(Error::configuration("`ca_certificates` holds no certificate in PEM form"));
    }
    Ok(Arc::new(roots))
}
