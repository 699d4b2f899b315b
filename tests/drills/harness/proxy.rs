//! A TCP proxy that breaks connections on demand and counts what passes. TLS passes through untouched.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use color_eyre::eyre::Result;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Handle,
    sync::watch,
};

/// What happens to the connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Everything passes.
    Pass,
    /// Nothing passes, and nothing says so: connections are accepted and stay open.
    Freeze,
    /// Every connection is reset, new ones too.
    Reset,
    /// Each chunk waits that long.
    Slow(Duration),
    /// Requests pass, answers do not; connections that lost an answer end when the mode does.
    DropAnswers,
}

/// Bytes of one connection so far.
#[derive(Debug, Default)]
pub(crate) struct Count {
    pub(crate) to_server: AtomicU64,
    pub(crate) to_client: AtomicU64,
}

/// A proxy on a loopback port of its own. It ends with this value.
pub(crate) struct Proxy {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    connections: Arc<Mutex<Vec<Arc<Count>>>>,
}

impl Proxy {
    /// Listens, and connects to `server` (`host:port`) for each connection.
    pub(crate) fn start(runtime: &Handle, server: &str) -> Result<Self> {
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
        let address = listener.local_addr()?;
        let (mode, modes) = watch::channel(Mode::Pass);
        let connections = Arc::new(Mutex::new(Vec::new()));
        let (server, counts, spawner) = (server.to_owned(), Arc::clone(&connections), runtime.clone());
        runtime.spawn(async move {
            let mut ended = modes.clone();
            loop {
                let client = tokio::select! {
                    client = listener.accept() => client,
                    () = closed(&mut ended) => return,
                };
                let Ok((client, _)) = client else { continue };
                let count = Arc::new(Count::default());
                counts.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&count));
                spawner.spawn(serve(client, server.clone(), modes.clone(), count));
            }
        });
        Ok(Self { address, mode, connections })
    }

    /// Where clients connect.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes what happens, to open connections and to new ones.
    pub(crate) fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// Bytes of every connection so far, oldest first.
    pub(crate) fn connections(&self) -> Vec<Arc<Count>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Bytes that have come back from the server.
    pub(crate) fn received(&self) -> u64 {
        self.connections().iter().map(|count| count.to_client.load(Ordering::Relaxed)).sum()
    }
}

/// Which way bytes go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    ToServer,
    ToClient,
}

async fn serve(client: TcpStream, server: String, mut modes: watch::Receiver<Mode>, count: Arc<Count>) {
    // While frozen even the connection to the server waits.
    if !thawed(&mut modes).await || *modes.borrow() == Mode::Reset {
        let _ = client.set_zero_linger();
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = pump(&mut from_client, &mut to_server, modes.clone(), Way::ToServer, &count.to_server);
    let down = pump(&mut from_server, &mut to_client, modes.clone(), Way::ToClient, &count.to_client);
    tokio::select! {
        () = up => {}
        () = down => {}
    }
    if *modes.borrow() == Mode::Reset
        && let Ok(client) = from_client.reunite(to_client)
    {
        let _ = client.set_zero_linger();
    }
}

/// Copies one way until an end closes or the mode ends the connection.
async fn pump(
    from: &mut (impl tokio::io::AsyncRead + Unpin),
    to: &mut (impl tokio::io::AsyncWrite + Unpin),
    mut modes: watch::Receiver<Mode>,
    way: Way,
    count: &AtomicU64,
) {
    let mut buffer = vec![0; 65536];
    let mut dropped = false;
    loop {
        if !thawed(&mut modes).await {
            return;
        }
        let read = tokio::select! {
            read = from.read(&mut buffer) => read,
            changed = modes.changed() => {
                let mode = *modes.borrow_and_update();
                if changed.is_err() || mode == Mode::Reset || dropped && mode != Mode::DropAnswers {
                    return;
                }
                continue;
            }
        };
        let Ok(size @ 1..) = read else { return };
        // What was read before a freeze waits with the rest.
        if !thawed(&mut modes).await {
            return;
        }
        let mode = *modes.borrow();
        match mode {
            Mode::Reset => return,
            Mode::Slow(delay) => tokio::time::sleep(delay).await,
            Mode::DropAnswers if way == Way::ToClient => {
                dropped = true;
                continue;
            }
            Mode::Pass | Mode::Freeze | Mode::DropAnswers => {}
        }
        count.fetch_add(size as u64, Ordering::Relaxed);
        if dropped || to.write_all(&buffer[..size]).await.is_err() {
            return;
        }
    }
}

/// Waits for the end of a freeze; false when the proxy has ended.
async fn thawed(modes: &mut watch::Receiver<Mode>) -> bool {
    modes.wait_for(|mode| *mode != Mode::Freeze).await.is_ok()
}

/// Waits for the end of the proxy.
async fn closed(modes: &mut watch::Receiver<Mode>) {
    while modes.changed().await.is_ok() {}
}
