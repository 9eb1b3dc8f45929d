//! A vendor of one list that is asked for page by page, and that does what a test says at each request.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

use super::payglot;

/// What is asked for: the number of the request, and the page and its size.
pub struct Asked {
    pub request: usize,
    pub page: usize,
    pub size: usize,
}

/// The records of a page as JSON, and the number of all.
pub type Page = (Vec<String>, usize);

/// The vendor, which serves until the test ends.
pub struct PagedVendor {
    url: String,
    requests: Arc<Mutex<usize>>,
}

impl PagedVendor {
    pub fn new(page: impl Fn(&Asked) -> Option<Page> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(0));
        let counter = requests.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // A client that was killed ends its connection at any point.
                let _ = serve(stream.unwrap(), &counter, &page);
            }
        });
        Self { url, requests }
    }

    /// A vendor of a list that stays as it is.
    pub fn of(records: Vec<String>) -> Self {
        Self::new(move |asked| Some(cut(&records, asked)))
    }

    pub fn requests(&self) -> usize {
        *self.requests.lock().unwrap()
    }

    /// `payglot export paywint-platform payments.list_received` of it.
    pub fn export(&self, folder: &std::path::Path, file: &str, options: &[&str]) -> Command {
        let mut command = payglot();
        command.args(["export", "paywint-platform", "payments.list_received"]);
        command.arg("00000000-0000-0000-0000-000000000000").args(options).current_dir(folder);
        command.args(["--to", file, "--state", "state"]);
        command.envs([("PAYWINT_PLATFORM_ID", "id"), ("PAYWINT_SECRET_KEY", "key")]);
        command.env("PAYWINT_BASE_URL", &self.url);
        command
    }
}

/// A page of a list as vendors cut them.
pub fn cut(records: &[String], asked: &Asked) -> Page {
    let page = records.iter().skip((asked.page - 1) * asked.size).take(asked.size);
    (page.cloned().collect(), records.len())
}

fn serve(
    mut stream: TcpStream,
    counter: &Mutex<usize>,
    page: &dyn Fn(&Asked) -> Option<Page>,
) -> std::io::Result<()> {
    let mut request = Vec::new();
    loop {
        while !request.ends_with(b"}") {
            let mut chunk = [0; 4096];
            let count = stream.read(&mut chunk)?;
            if count == 0 {
                return Ok(());
            }
            request.extend_from_slice(&chunk[..count]);
        }
        let text = String::from_utf8_lossy(&request).into_owned();
        request.clear();
        let body: serde_json::Value =
            serde_json::from_str(text.split("\r\n\r\n").nth(1).unwrap_or_default())?;
        let number = |name: &str| usize::try_from(body[name].as_u64().unwrap()).unwrap();
        let request = {
            let mut requests = counter.lock().unwrap();
            *requests += 1;
            *requests
        };
        let asked = Asked { request, page: number("page_no"), size: number("rows_per_page") };
        let Some((records, total)) = page(&asked) else { return Ok(()) };
        let records = records.join(",");
        let body = format!(r#"{{"success":true,"records":[{records}],"totalRecords":{total}}}"#);
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
    }
}
