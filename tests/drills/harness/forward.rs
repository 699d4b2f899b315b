//! A forward proxy as offices have them: HTTP CONNECT or SOCKS5, with or without a password. Whatever name is asked
//! for, it leads to one address, so that servers can have names that nobody resolves.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use color_eyre::eyre::Result;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Handle,
    sync::oneshot,
};

/// What the proxy speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speech {
    /// `CONNECT host:port`; with a `Proxy-Authorization` value where one is asked for.
    Connect { authorization: Option<&'static str> },
    /// SOCKS5; with a user and a password where they are asked for.
    Socks { login: Option<(&'static str, &'static str)> },
}

/// A running proxy. It ends with this value.
pub(crate) struct Forward {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    _ends: oneshot::Sender<()>,
}

impl Forward {
    /// Listens on loopback; every connection goes on to `server`.
    pub(crate) fn start(runtime: &Handle, speech: Speech, server: &str) -> Result<Self> {
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
        let address = listener.local_addr()?;
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (ends, mut ended) = oneshot::channel::<()>();
        let (server, spawner, record) = (server.to_owned(), runtime.clone(), Arc::clone(&asked));
        runtime.spawn(async move {
            loop {
                let client = tokio::select! {
                    client = listener.accept() => client,
                    _ = &mut ended => return,
                };
                let Ok((mut client, _)) = client else { continue };
                let (server, record) = (server.clone(), Arc::clone(&record));
                spawner.spawn(async move {
                    let wanted = match speech {
                        Speech::Connect { authorization } => connect(&mut client, authorization).await,
                        Speech::Socks { login } => socks(&mut client, login).await,
                    };
                    let Ok(Some(wanted)) = wanted else { return };
                    record.lock().unwrap_or_else(PoisonError::into_inner).push(wanted);
                    if let Ok(mut server) = TcpStream::connect(server).await {
                        // an end that goes away is no matter
                        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                    }
                });
            }
        });
        Ok(Self { address, asked, _ends: ends })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was asked for so far, as `host:port`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The head of a CONNECT; what was asked for, where it may pass.
async fn connect(client: &mut TcpStream, authorization: Option<&str>) -> std::io::Result<Option<String>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let wanted = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
    let given = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("proxy-authorization").then(|| value.trim())
    });
    if authorization.is_some() && authorization != given {
        client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n").await?;
        return Ok(None);
    }
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    Ok(wanted.map(str::to_owned))
}

/// A SOCKS5 negotiation; what was asked for, where it may pass.
async fn socks(client: &mut TcpStream, login: Option<(&str, &str)>) -> std::io::Result<Option<String>> {
    const VERSION: u8 = 5;
    let _version = client.read_u8().await?;
    let methods = short(client).await?;
    let method = if login.is_some() { 2 } else { 0 };
    if !methods.contains(&method) {
        client.write_all(&[VERSION, 0xFF]).await?;
        return Ok(None);
    }
    client.write_all(&[VERSION, method]).await?;
    if let Some((user, password)) = login {
        let _version = client.read_u8().await?;
        let given = (short(client).await?, short(client).await?);
        let right = given == (user.into(), password.into());
        client.write_all(&[1, u8::from(!right)]).await?;
        if !right {
            return Ok(None);
        }
    }
    let mut request = [0; 4];
    client.read_exact(&mut request).await?;
    let host = match request[3] {
        1 => std::net::Ipv4Addr::from(client.read_u32().await?).to_string(),
        4 => std::net::Ipv6Addr::from(client.read_u128().await?).to_string(),
        _ => String::from_utf8_lossy(&short(client).await?).into_owned(),
    };
    let port = client.read_u16().await?;
    client.write_all(&[VERSION, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    Ok(Some(format!("{host}:{port}")))
}

/// A byte with a length, and so many bytes.
async fn short(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(client.read_u8().await?)];
    client.read_exact(&mut bytes).await?;
    Ok(bytes)
}
