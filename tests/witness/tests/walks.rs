//! The walks of `tests/providers/*/walks.json` in Rust: what arrives, what is read and how a walk ends. The same walks are
//! done in Python and in Node with a workspace that is generated outside the repository.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use payglot_runtime::client::{Config, Core};
use payglot_runtime::json::Value;
use payglot_runtime::request::{PathParam, ToValue};
use payglot_runtime::schema::Provider;
use payglot_runtime::{Json, PagedCall};
use payglot_witness::walks::PROVIDER;
use serde_json::Value as Parsed;

const WALKS: &str = include_str!("../../providers/walks/walks.json");

/// A server with these responses, in their order, that notes what arrives.
struct Server {
    url: String,
    arrived: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new(responses: Vec<Parsed>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let (noted, host) = (arrived.clone(), url.clone());
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                serve(connection, &responses, &host, &noted);
            }
        });
        Self { url, arrived }
    }
}

/// Serves one request, and closes.
fn serve(mut connection: TcpStream, responses: &[Parsed], host: &str, noted: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let mut lines = Vec::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
        lines.push(line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let has_key = lines.iter().any(|line| line.eq_ignore_ascii_case("x-api-key: key-1"));
    let line = lines[0].trim_end_matches(" HTTP/1.1");
    let body = String::from_utf8(body).unwrap();
    let space = if body.is_empty() { "" } else { " " };
    let key = if has_key { "" } else { " without the key" };
    let mut noted = noted.lock().unwrap();
    let response = responses.get(noted.len()).cloned().unwrap_or_default();
    noted.push(format!("{line}{space}{body}{key}"));
    drop(noted);
    let text = response["body"].as_str().unwrap_or("{}").replace("$HOST", host);
    let mut head =
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n", text.len());
    for (name, value) in response["headers"].as_object().into_iter().flatten() {
        head += &format!("{name}: {}\r\n", value.as_str().unwrap().replace("$HOST", host));
    }
    let _ = connection.write_all(format!("{head}\r\n{text}").as_bytes());
}

/// Arguments as they stand in a walk.
struct Params(String);

impl ToValue for Params {
    fn to_value(&self) -> Option<Value<'_>> {
        Value::from_json(&self.0).map(Value::exact)
    }
}

fn call(provider: &'static Provider, core: &Core, walk: &Parsed) -> PagedCall<Json> {
    let operation = provider.operation(walk["call"].as_str().unwrap()).unwrap();
    let path: Vec<String> = walk["path"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|step| step.as_str().unwrap().to_owned())
        .collect();
    let path: Vec<&dyn PathParam> = path.iter().map(|step| step as &dyn PathParam).collect();
    let given = Params(walk.get("params").map_or("{}".to_owned(), Parsed::to_string));
    let extra = walk["extra_query"].as_object().into_iter().flatten();
    extra.fold(PagedCall::new(core, operation, &path, &[&given]), |call, (name, value)| {
        call.extra_query(name, value.as_str().unwrap())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_walk_reads_what_there_is_and_ends() {
    let walks: Vec<Parsed> = serde_json::from_str(WALKS).unwrap();
    assert!(!walks.is_empty());
    let mut problems = Vec::new();
    for walk in &walks {
        let server = Server::new(walk["responses"].as_array().unwrap().clone());
        let mut config = Config::new(&PROVIDER);
        config.base_url(format!("{}/v1", server.url));
        config.credential("api_key", "key-1");
        config.max_retries(0);
        let core = Core::new(config).unwrap();
        let mut records = call(&PROVIDER, &core, walk).records();
        let (mut read, mut error) = (Vec::new(), String::new());
        while let Some(record) = records.next().await {
            match record {
                Ok(record) => {
                    let record: Parsed = serde_json::from_str(record.get()).unwrap();
                    read.push(record["id"].clone());
                }
                Err(failed) => error = failed.to_string(),
            }
        }
        let arrived = Parsed::from(server.arrived.lock().unwrap().clone());
        let expected = walk["error"].as_str();
        let is_error_right =
            expected.map_or(error.is_empty(), |text| error.contains(text) && !error.is_empty());
        if arrived != walk["sent"]
            || Parsed::from(read.clone()) != walk["result"]
            || !is_error_right
        {
            problems
                .push(format!("{}: {arrived} arrived, {read:?} was read, {error}", walk["name"]));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A page that is asked for by a cursor has no number that a caller could give.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_refused_where_arguments_choose_the_page() {
    let mut config = Config::new(&PROVIDER);
    config.base_url("http://127.0.0.1:1");
    config.credential("api_key", "key-1");
    let core = Core::new(config).unwrap();
    let walk = serde_json::json!({"call": "things.by_cursor"});
    let error = call(&PROVIDER, &core, &walk).page(2).await.unwrap_err();
    assert!(error.to_string().contains("`page` is no argument here"), "{error}");
    let mut records = call(&PROVIDER, &core, &walk).rows_per_page(2).records();
    let error = records.next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("`rows_per_page` is no argument here"), "{error}");
    assert!(records.next().await.is_none());
}
