//! TLS with ring: trusts the system's certificates, `SSL_CERT_FILE`, and what the client was given.

use std::sync::{Arc, OnceLock};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::ConnectOptions;
use crate::error::Error;

/// The TLS settings of one client.
pub(crate) fn config(options: &ConnectOptions, is_needed: bool) -> Result<ClientConfig, Error> {
    // A plain host needs no certificates, and a client for one costs nothing.
    let roots = match (is_needed, options.ca_certificates.is_empty()) {
        (true, true) => system()?,
        (true, false) => with_own(&options.ca_certificates)?,
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

/// The system's certificates, or those of `SSL_CERT_FILE`; read once per process.
fn system() -> Result<Arc<RootCertStore>, Error> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    if let Some(roots) = ROOTS.get() {
        return Ok(roots.clone());
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(Error::configuration(
            "no trusted certificates were found; install the system's or set SSL_CERT_FILE",
        ));
    }
    Ok(ROOTS.get_or_init(|| Arc::new(roots)).clone())
}

/// The caller's certificates beside the system's, where there are any.
fn with_own(pem: &[u8]) -> Result<Arc<RootCertStore>, Error> {
    let refuse = || Error::configuration("`ca_certificates` holds no certificate in PEM form");
    let mut roots = system().map_or_else(|_| RootCertStore::empty(), |roots| (*roots).clone());
    let mut count = 0_usize;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate.map_err(|_| refuse())?).map_err(|_| refuse())?;
        count += 1;
    }
    if count == 0 { Err(refuse()) } else { Ok(Arc::new(roots)) }
}
