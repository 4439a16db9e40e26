//! A proxy between a store and its server that reads along: it counts round trips, keeps the texts of statements, and
//! cuts connections.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use sqlx::postgres::PgConnectOptions;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, BufWriter},
    net::{TcpListener, TcpStream, UnixStream},
};

#[derive(Clone)]
pub struct Proxy {
    port: u16,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    trips: AtomicUsize,
    texts: Mutex<Vec<String>>,
    /// What the server has said beside its answers.
    notices: Mutex<Vec<String>>,
    /// Cut the connection before it passes on a message with this in it.
    cut: Mutex<Option<&'static str>>,
    /// Pass on nothing any more of the connection that says this, nor what the server says to it; the message itself
    /// still, if so.
    stall: Mutex<Option<(&'static str, bool)>>,
    /// Pass on nothing any more.
    silent: AtomicBool,
}

impl Proxy {
    /// In front of the server of this address.
    pub async fn before(url: &str) -> Self {
        let options: PgConnectOptions = url.parse().expect("an address");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let proxy = Self { port: listener.local_addr().expect("an address").port(), seen: Arc::default() };
        let seen = Arc::clone(&proxy.seen);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let _ = client.set_nodelay(true);
                let (options, seen) = (options.clone(), Arc::clone(&seen));
                tokio::spawn(async move {
                    match options.get_socket() {
                        Some(folder) => {
                            let socket = folder.join(format!(".s.PGSQL.{}", options.get_port()));
                            if let Ok(server) = UnixStream::connect(socket).await {
                                relay(client, server, &seen).await;
                            }
                        }
                        None => {
                            if let Ok(server) =
                                TcpStream::connect((options.get_host(), options.get_port())).await
                            {
                                relay(client, server, &seen).await;
                            }
                        }
                    }
                });
            }
        });
        proxy
    }

    /// The address of the same role and database through the proxy.
    pub fn address(&self, url: &str) -> String {
        let options: PgConnectOptions = url.parse().expect("an address");
        let database = options.get_database().expect("a database");
        format!("postgres://{}@127.0.0.1:{}/{database}?sslmode=disable", options.get_username(), self.port)
    }

    /// Round trips since the last call.
    pub fn trips(&self) -> usize {
        self.seen.trips.swap(0, Ordering::SeqCst)
    }

    /// The texts of statements since the last call.
    pub fn texts(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.texts.lock().expect("nobody panics"))
    }

    /// What the server has said beside its answers since the last call.
    pub fn notices(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.notices.lock().expect("nobody panics"))
    }

    /// Cuts the next connection that says this, before the server hears it.
    pub fn cut_at(&self, text: &'static str) {
        *self.seen.cut.lock().expect("nobody panics") = Some(text);
    }

    /// Stalls the next connection that says this, before the server hears it or, if so, after.
    pub fn stall_at(&self, text: &'static str, heard: bool) {
        *self.seen.stall.lock().expect("nobody panics") = Some((text, heard));
    }

    /// From now on, nothing that is said is passed on, and nobody is told so.
    pub fn fall_silent(&self, silent: bool) {
        self.seen.silent.store(silent, Ordering::SeqCst);
    }
}

async fn relay<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    client: TcpStream,
    server: S,
    seen: &Arc<Seen>,
) {
    let (from_client, mut to_client) = client.into_split();
    let (mut from_server, to_server) = tokio::io::split(server);
    let stalled = Arc::new(AtomicBool::new(false));
    let (deaf, heard) = (Arc::clone(&stalled), Arc::clone(seen));
    let back = tokio::spawn(async move {
        let _ = back(&mut from_server, &mut to_client, &heard, &deaf).await;
    });
    let _ = forth(from_client, to_server, seen, &stalled).await;
    back.abort();
}

async fn forth(
    mut client: impl AsyncRead + Unpin,
    mut server: impl AsyncWrite + Unpin,
    seen: &Seen,
    stalled: &AtomicBool,
) -> std::io::Result<()> {
    // The first message has no type.
    let length = client.read_u32().await?;
    let mut body = vec![0; length as usize - 4];
    client.read_exact(&mut body).await?;
    server.write_u32(length).await?;
    server.write_all(&body).await?;
    // A pool that takes a connection back asks whether it still lives, with nothing but the end of a message; that is no
    // part of a call.
    let mut said = false;
    // Whether the message at hand is passed on though the connection is stalled.
    let mut last = false;
    loop {
        let kind = client.read_u8().await?;
        let length = client.read_u32().await?;
        let mut body = vec![0; length as usize - 4];
        client.read_exact(&mut body).await?;
        let mut texts = body.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        let text = match kind {
            b'Q' => texts.next(),
            b'P' => texts.nth(1),
            _ => None,
        };
        if let Some(text) = text {
            let mut cut = seen.cut.lock().expect("nobody panics");
            if cut.is_some_and(|wanted| text.contains(wanted)) {
                *cut = None;
                return Ok(());
            }
            drop(cut);
            let mut stall = seen.stall.lock().expect("nobody panics");
            if let Some((_, heard)) = stall.take_if(|(wanted, _)| text.contains(*wanted)) {
                stalled.store(true, Ordering::SeqCst);
                last = heard;
            }
            drop(stall);
            seen.texts.lock().expect("nobody panics").push(text.into_owned());
        }
        said |= kind != b'S';
        if matches!(kind, b'Q' | b'S') && std::mem::take(&mut said) {
            seen.trips.fetch_add(1, Ordering::SeqCst);
        }
        let stalled = stalled.load(Ordering::SeqCst) && !std::mem::take(&mut last);
        if stalled || seen.silent.load(Ordering::SeqCst) {
            continue;
        }
        server.write_u8(kind).await?;
        server.write_u32(length).await?;
        server.write_all(&body).await?;
        server.flush().await?;
    }
}

async fn back(
    server: &mut (impl AsyncRead + Unpin),
    client: &mut (impl AsyncWrite + Unpin),
    seen: &Seen,
    deaf: &AtomicBool,
) -> std::io::Result<()> {
    let (mut server, mut client) = (BufReader::new(server), BufWriter::new(client));
    loop {
        let kind = server.read_u8().await?;
        let length = server.read_u32().await?;
        let mut body = vec![0; length as usize - 4];
        server.read_exact(&mut body).await?;
        if kind == b'N' {
            let fields = body.split(|byte| *byte == 0).map(String::from_utf8_lossy);
            let told = fields.filter_map(|field| field.strip_prefix('M').map(str::to_owned));
            seen.notices.lock().expect("nobody panics").extend(told);
        }
        if deaf.load(Ordering::SeqCst) {
            continue;
        }
        client.write_u8(kind).await?;
        client.write_u32(length).await?;
        client.write_all(&body).await?;
        if server.buffer().is_empty() {
            client.flush().await?;
        }
    }
}
