//! The scripts are the shell's language, have every operation, and make the calls that they document.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says where"
)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread::JoinHandle;

use hmac::{Hmac, KeyInit as _, Mac as _};
use payglot_codegen::Generator;
use payglot_codegen::model::Model;
use payglot_codegen::targets::{Named, Target as _, Targets};
use payglot_target_curl::Curl;
use sha2::{Digest as _, Sha256};

fn generated() -> (Model, BTreeMap<String, String>) {
    let openapi = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../openapi");
    let generator = Generator::new(Targets::new(vec![Box::new(Curl)]));
    let model = generator.load(&openapi, &openapi.join("errors.toml")).unwrap();
    let files = generator.files(&model).unwrap();
    let files = files.into_iter().map(|file| (file.path.display().to_string(), file.text));
    (model, files.collect())
}

#[test]
fn every_operation_is_one_documented_call() {
    let (model, files) = generated();
    assert_eq!(files.len(), model.providers.len());
    for provider in &model.providers {
        let script = &files[&format!("curl/{}.sh", provider.config.name)];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("script.sh");
        std::fs::write(&path, script).unwrap();
        let checked = Command::new("sh").arg("-n").arg(&path).output().unwrap();
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));

        assert_eq!(script.matches("  curl ").count(), provider.operations.len());
        for operation in &provider.operations {
            let start = script.find(&format!("\n{})\n", operation.name)).unwrap();
            let call = script[start..].split(";;").next().unwrap();
            assert!(call.contains(&format!("--request {} ", operation.http_method)), "{call}");
            assert_eq!(call.contains("--data-raw"), operation.body.is_some(), "{call}");
            let docs = &script[..start];
            assert!(docs.contains(&operation.summary), "{}", operation.name);
            assert!(docs.contains(&Curl.signature(provider, operation).call), "{}", operation.name);
            for field in &operation.path_params {
                let name = Curl.identifier(Named::PathArgument(field));
                assert!(call.contains(&format!("\"${name}\"")), "{call}");
            }
        }
    }
}

#[test]
fn a_variable_of_the_script_is_no_name_of_an_argument() {
    let naming = Targets::new(vec![Box::new(Curl)]).naming();
    assert_eq!(naming.field("signature"), "signature_");
    // Keywords of other languages are none of the shell's.
    assert_eq!(naming.field("class"), "class");
}

/// Serves one request, and gives its first line, its headers and its body.
fn serve_once(listener: TcpListener) -> JoinHandle<(String, BTreeMap<String, String>, String)> {
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        let mut first = String::new();
        reader.read_line(&mut first).unwrap();
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.insert(name.to_lowercase(), value.to_owned());
        }
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
        reader.get_mut().write_all(response.as_bytes()).unwrap();
        (first.trim_end().to_owned(), headers, String::from_utf8(body).unwrap())
    })
}

#[test]
fn a_signed_call_arrives_as_documented() {
    let (_, files) = generated();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("paywint-platform.sh");
    std::fs::write(&path, &files["curl/paywint-platform.sh"]).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}/prefix/", listener.local_addr().unwrap());
    let server = serve_once(listener);
    let run = Command::new("sh")
        .arg(&path)
        .arg("cards.create_update_link")
        .env("PAYWINT_BASE_URL", base_url)
        .env("PAYWINT_PLATFORM_ID", "platform")
        .env("PAYWINT_SECRET_KEY", "secret")
        .env("user_id", "u-1")
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&run.stdout),
        "{}",
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let (first, headers, body) = server.join().unwrap();
    let target = first.strip_prefix("POST ").unwrap().strip_suffix(" HTTP/1.1").unwrap();
    assert!(target.starts_with("/prefix/") && target.ends_with("/u-1"), "{target}");
    assert!(body.starts_with("{\"") && body.contains("card_purpose"), "{body}");
    assert_eq!(headers["x-platform-id"], "platform");
    assert_eq!(headers["content-type"], "application/json");

    let body_hash = hex::encode(Sha256::digest(body.as_bytes()));
    let mut hmac = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
    hmac.update(format!("POST{target}{body_hash}").as_bytes());
    assert_eq!(headers["x-signature"], hex::encode(hmac.finalize().into_bytes()));
}

#[test]
fn an_operation_that_is_not_there_lists_those_that_are() {
    let (_, files) = generated();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("linora.sh");
    std::fs::write(&path, &files["curl/linora.sh"]).unwrap();
    let run = Command::new("sh")
        .arg(&path)
        .env("LINORA_BASE_URL", "http://127.0.0.1:9")
        .env("LINORA_API_KEY", "key")
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&run.stderr).contains("users.get\n"));
}
