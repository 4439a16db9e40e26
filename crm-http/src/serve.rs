//! Serving on a socket: what a bare listener lacks to stand open to strangers.

use std::{convert::Infallible, future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{HttpService, service_fn},
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower_service::Service;

use crate::{shutdown::Shutdown, socket::Socket};

/// How long to wait after the system refused a connection, for want of file descriptors for instance.
const PAUSE: Duration = Duration::from_millis(50);

/// What connections may take.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// How many connections are served at once, upgraded ones included; 4,096 unless set. More wait until one ends.
    pub connections: usize,
    /// How long a client may take to send the head of a request, and how long a connection may lie idle; 10 seconds
    /// unless set. Neither the body of a request nor that of an answer counts: a stream may last.
    pub head: Duration,
    /// The most bytes that the head of a request has; 64 KiB unless set. More is answered with 431.
    pub head_size: usize,
    /// How long a client may take nothing of an answer that is being written to it; 30 seconds unless set. Then the
    /// connection is cut.
    pub stall: Duration,
    /// How long requests in flight and streams have to finish after the shutdown; 30 seconds unless set.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            head: Duration::from_secs(10),
            head_size: 64 * 1024,
            stall: Duration::from_secs(30),
            drain: Duration::from_secs(30),
        }
    }
}

/// Serves a router (this crate's service, or a host's own around it) until `shutdown` is done. Then no connection is
/// accepted any more, idle ones are closed, streams are told to end, and they and requests in flight have the time of
/// [`Limits::drain`] to finish.
///
/// Requests carry the client's address as [`ConnectInfo<SocketAddr>`], and a [`Shutdown`], by whose guards upgraded
/// connections and tasks that outlast their requests are waited for. HTTP/1.1 is spoken, with upgrades.
///
/// # Errors
/// [`io::ErrorKind::TimedOut`] if something was still in flight at the end of that time. Requests have been cut then.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send,
    limits: Limits,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(limits.head).max_header_size(limits.head_size);
    let (ending, connections) = (Shutdown::new(), TaskTracker::new());
    // Whatever outlasts this function, also one that is dropped half-way, is told to end, or cut.
    let cut = CancellationToken::new();
    let _end = (ending.begin_on_drop(), cut.clone().drop_guard());
    let mut shutdown = pin!(shutdown);
    loop {
        let next = accept(&listener, &places);
        let (place, stream, address) = tokio::select! {
            next = next => match next {
                Some(next) => next,
                None => continue,
            },
            () = &mut shutdown => break,
        };
        let socket = TokioIo::new(Socket::new(stream, limits.stall, place));
        let service = service_fn(with_surroundings(&router, address, &ending));
        let connection = server.serve_connection(socket, service).with_upgrades();
        let connection = watched(connection, ending.clone());
        connections.spawn(cut.clone().run_until_cancelled_owned(connection));
    }
    drop(listener);
    ending.begin();
    connections.close();
    let drained = tokio::time::timeout(limits.drain, async {
        connections.wait().await;
        ending.finished().await;
    });
    drained.await.map_err(|_| {
        io::Error::new(io::ErrorKind::TimedOut, "requests were still in flight, and have been cut")
    })
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(OwnedSemaphorePermit, TcpStream, SocketAddr)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, address)) => {
            let _ = stream.set_nodelay(true);
            Some((place, stream, address))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(PAUSE).await;
            None
        }
    }
}

/// A connection until it is closed, upgraded, or done with its last request after the shutdown has begun.
async fn watched<S>(connection: http1::UpgradeableConnection<TokioIo<Socket>, S>, ending: Shutdown)
where
    S: HttpService<Incoming, ResBody = Body, Error = Infallible>,
{
    let mut connection = pin!(connection);
    let outcome = tokio::select! {
        outcome = &mut connection => outcome,
        () = ending.begun() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection was cut");
    }
}

/// The router, with what a request brings from the connection that it came by.
fn with_surroundings(
    router: &Router,
    address: SocketAddr,
    ending: &Shutdown,
) -> impl Fn(Request<Incoming>) -> Answered + use<> {
    let (router, ending) = (router.clone(), ending.clone());
    move |request| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(address));
        request.extensions_mut().insert(ending.clone());
        router.clone().call(request)
    }
}

type Answered = <Router as Service<Request<Body>>>::Future;
