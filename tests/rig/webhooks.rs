//! The server that controllers ask: gates of Canaries, measurements of analyses. Each path has an answer that a
//! drill sets, and a count of the calls.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use color_eyre::eyre::Result;

/// What a path answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// HTTP status: up to 202 a gate is open, above it is closed.
    pub(crate) code: u16,
    /// How long it takes.
    pub(crate) delay: Duration,
    /// What it says, as JSON.
    pub(crate) body: String,
}

impl Answer {
    /// An open gate.
    pub(crate) fn open() -> Self {
        Self { code: 200, delay: Duration::ZERO, body: "{}".to_owned() }
    }

    /// A closed gate.
    pub(crate) fn closed() -> Self {
        Self { code: 403, ..Self::open() }
    }

    /// A measurement: `{"value": VALUE}`.
    pub(crate) fn value(value: f64) -> Self {
        Self { body: format!("{{\"value\":{value}}}"), ..Self::open() }
    }

    /// The same, after that time.
    pub(crate) fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }
}

/// What a path answers and how often it was asked.
struct Path {
    answer: Answer,
    calls: usize,
}

/// The server.
#[derive(Clone)]
pub(crate) struct Webhooks {
    paths: Arc<Mutex<BTreeMap<String, Path>>>,
    address: SocketAddr,
}

impl Webhooks {
    /// Serves on a free loopback port until this process ends.
    pub(crate) fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let server = Self { paths: Arc::default(), address: listener.local_addr()? };
        let shared = server.clone();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let server = shared.clone();
                // One thread for each: a slow answer must not hold up the others.
                thread::spawn(move || server.serve(connection));
            }
        });
        Ok(server)
    }

    /// URL of a path, such as `/shop/confirm-promotion`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// From now on `path` answers so.
    pub(crate) fn set(&self, path: &str, answer: Answer) {
        self.path(path, |known| known.answer = answer);
    }

    /// How often `path` was asked.
    pub(crate) fn calls(&self, path: &str) -> usize {
        self.path(path, |known| known.calls)
    }

    /// A path that nobody has set is an open gate; one whose name ends in `rollback` is a closed one, since an
    /// open one would end every release.
    fn path<T>(&self, path: &str, look: impl FnOnce(&mut Path) -> T) -> T {
        let mut paths: MutexGuard<'_, _> = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        look(paths.entry(path.to_owned()).or_insert_with(|| {
            let answer = if path.ends_with("rollback") { Answer::closed() } else { Answer::open() };
            Path { answer, calls: 0 }
        }))
    }

    /// One request per connection. Who goes away in the middle concerns nobody.
    fn serve(&self, mut connection: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(connection.try_clone()?);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut length = 0;
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header)? == 0 || header.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        reader.take(length).read_to_end(&mut Vec::new())?;
        let answer = self.path(&path, |known| {
            known.calls += 1;
            known.answer.clone()
        });
        thread::sleep(answer.delay);
        let (code, body) = (answer.code, answer.body);
        let body = if code == 204 { String::new() } else { body };
        write!(
            connection,
            "HTTP/1.1 {code} Rig\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        )
    }
}
