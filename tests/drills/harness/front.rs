//! A TLS server in front of the simulator: certificates of every kind, tokens that end, and a record of who came.
//! Each connection carries one request, so that every request is judged.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use color_eyre::eyre::{Result, eyre};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Handle,
    sync::oneshot,
};
use tokio_rustls::TlsAcceptor;

use crate::rig::pki::KeyFiles;

/// A longer request head is nobody's.
const LONGEST_HEAD: usize = 64 * 1024;
/// What a refused request gets.
const REFUSAL: &str = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}"#;

/// Who is let through.
#[derive(Clone, Debug)]
pub(crate) enum Gate {
    /// Everybody.
    Open,
    /// Who has one of these tokens.
    Tokens(BTreeSet<String>),
    /// Who has a token that ends with a second (since 1970) that has not come yet: `...-1800000000`.
    ShortLived,
}

impl Gate {
    /// One token alone.
    pub(crate) fn token(token: &str) -> Self {
        Self::Tokens([token.to_owned()].into())
    }

    fn admits(&self, token: Option<&str>) -> bool {
        match self {
            Self::Open => true,
            Self::Tokens(known) => token.is_some_and(|token| known.contains(token)),
            Self::ShortLived => {
                let end = token.and_then(|token| token.rsplit('-').next()?.parse().ok());
                end.is_some_and(|end: u64| now() < end)
            }
        }
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs()
}

/// Who came so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Connections, those that broke off during the handshake included.
    pub(crate) connections: usize,
    /// Requests that were passed on.
    pub(crate) admitted: usize,
    /// Requests that were answered with 401.
    pub(crate) refused: usize,
    /// Every token that came.
    pub(crate) tokens: BTreeSet<String>,
}

/// The server. It ends with this value.
pub(crate) struct Front {
    address: SocketAddr,
    shared: Arc<Shared>,
    _ends: oneshot::Sender<()>,
}

struct Shared {
    upstream: String,
    user: String,
    gate: Mutex<Gate>,
    /// Requests for paths that hold this word are never answered.
    unanswered: Mutex<Option<&'static str>>,
    seen: Mutex<Seen>,
}

impl Front {
    /// Listens on `ip` with a certificate and passes requests of `user` on to `upstream` (`host:port`, plain HTTP).
    /// With a `client_authority` only clients with its certificates get through the handshake.
    pub(crate) fn start(
        runtime: &Handle,
        ip: IpAddr,
        certificate: &KeyFiles,
        client_authority: Option<&Path>,
        (upstream, user): (&str, &str),
    ) -> Result<Self> {
        let acceptor = TlsAcceptor::from(Arc::new(tls(certificate, client_authority)?));
        let listener = runtime.block_on(TcpListener::bind((ip, 0)))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            upstream: upstream.to_owned(),
            user: user.to_owned(),
            gate: Mutex::new(Gate::Open),
            unanswered: Mutex::new(None),
            seen: Mutex::default(),
        });
        let (ends, mut ended) = oneshot::channel::<()>();
        let (spawner, serving) = (runtime.clone(), Arc::clone(&shared));
        runtime.spawn(async move {
            loop {
                let client = tokio::select! {
                    client = listener.accept() => client,
                    _ = &mut ended => return,
                };
                let Ok((client, _)) = client else { continue };
                lock(&serving.seen).connections += 1;
                let (acceptor, shared) = (acceptor.clone(), Arc::clone(&serving));
                spawner.spawn(async move {
                    if let Ok(client) = acceptor.accept(client).await {
                        // a client that goes away is no matter
                        let _ = shared.serve(client).await;
                    }
                });
            }
        });
        Ok(Self { address, shared, _ends: ends })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes who is let through.
    pub(crate) fn set(&self, gate: Gate) {
        *lock(&self.shared.gate) = gate;
    }

    /// From now on requests for paths that hold `word` are never answered.
    pub(crate) fn leave_unanswered(&self, word: &'static str) {
        *lock(&self.shared.unanswered) = Some(word);
    }

    /// Who came so far.
    pub(crate) fn seen(&self) -> Seen {
        lock(&self.shared.seen).clone()
    }
}

impl Shared {
    async fn serve(&self, mut client: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
        let Some(request) = Request::read(&mut client).await? else { return Ok(()) };
        let admitted = lock(&self.gate).admits(request.token.as_deref());
        {
            let mut seen = lock(&self.seen);
            seen.tokens.extend(request.token.clone());
            *(if admitted { &mut seen.admitted } else { &mut seen.refused }) += 1;
        }
        if !admitted {
            let head = format!(
                "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                REFUSAL.len()
            );
            client.write_all(format!("{head}{REFUSAL}").as_bytes()).await?;
            return client.shutdown().await;
        }
        let silent = *lock(&self.unanswered);
        if silent.is_some_and(|word| request.lines[0].contains(word)) {
            // until the client gives up
            return client.read_u8().await.map(drop);
        }
        let mut server = TcpStream::connect(&self.upstream).await?;
        server.write_all(&request.passed_on(&self.user)).await?;
        let (mut from_client, mut to_client) = tokio::io::split(client);
        let answer = async {
            tokio::io::copy(&mut server, &mut to_client).await?;
            to_client.shutdown().await
        };
        tokio::select! {
            answered = answer => answered,
            // the client sends nothing more; when it goes, so does its request
            _ = from_client.read_u8() => Ok(()),
        }
    }
}

/// One request, whole.
struct Request {
    lines: Vec<String>,
    token: Option<String>,
    body: Vec<u8>,
}

impl Request {
    async fn read(client: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            if bytes.len() > LONGEST_HEAD || client.read_buf(&mut bytes).await? == 0 {
                return Ok(None);
            }
        };
        let mut body = bytes.split_off(end + 4);
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let lines: Vec<String> = head.split("\r\n").map(str::to_owned).collect();
        let length = header(&lines, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        while body.len() < length {
            if client.read_buf(&mut body).await? == 0 {
                return Ok(None);
            }
        }
        let bearer = header(&lines, "authorization");
        let token = bearer.and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned);
        Ok(Some(Self { lines, token, body }))
    }

    /// The same request as the simulator's user, on a connection that ends with its answer.
    fn passed_on(&self, user: &str) -> Vec<u8> {
        const OURS: [&str; 2] = ["authorization", "connection"];
        let ours = |line: &str| OURS.iter().any(|name| value_of(line, name).is_some());
        let mut head = String::new();
        for line in self.lines.iter().filter(|line| !ours(line)) {
            head.push_str(line);
            head.push_str("\r\n");
        }
        head.extend(["Authorization: Bearer ", user, "\r\nConnection: close\r\n\r\n"]);
        [head.as_bytes(), &self.body].concat()
    }
}

fn header<'a>(lines: &'a [String], name: &str) -> Option<&'a str> {
    lines.iter().skip(1).find_map(|line| value_of(line, name))
}

fn value_of<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (found, value) = line.split_once(':')?;
    found.eq_ignore_ascii_case(name).then(|| value.trim())
}

fn tls(certificate: &KeyFiles, client_authority: Option<&Path>) -> Result<ServerConfig> {
    let verifier: Arc<dyn ClientCertVerifier> = match client_authority {
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(authority).map_err(|error| eyre!("{error}"))?)?;
            WebPkiClientVerifier::builder(Arc::new(roots)).build()?
        }
        None => WebPkiClientVerifier::no_client_auth(),
    };
    let chain = CertificateDer::from_pem_file(&certificate.certificate).map_err(|error| eyre!("{error}"))?;
    let key = PrivateKeyDer::from_pem_file(&certificate.key).map_err(|error| eyre!("{error}"))?;
    Ok(ServerConfig::builder().with_client_cert_verifier(verifier).with_single_cert(vec![chain], key)?)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
