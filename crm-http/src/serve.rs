//! Serving on a socket: what a bare listener lacks to stand open to strangers.

use std::{future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tower_service::Service;

/// How long to wait after the system refused a connection, for want of file descriptors for instance.
const PAUSE: Duration = Duration::from_millis(50);

/// What connections may take.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// How many connections are served at once; 4,096 unless set. More wait until one ends.
    pub connections: usize,
    /// How long a client may take to send the head of a request, and how long a connection may lie idle; 10 seconds
    /// unless set.
    pub head: Duration,
    /// How long requests in flight have to finish after the shutdown; 30 seconds unless set.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 4_096, head: Duration::from_secs(10), drain: Duration::from_secs(30) }
    }
}

/// Serves a router (this crate's service, or a host's own around it) until `shutdown` is done. Then no connection is
/// accepted any more, idle ones are closed, and requests in flight have the time of [`Limits::drain`] to finish.
///
/// Requests carry the client's address as [`ConnectInfo<SocketAddr>`].
///
/// # Errors
/// [`io::ErrorKind::TimedOut`] if requests were still in flight at the end of that time, and have been cut.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send,
    limits: Limits,
) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(limits.head);
    // Connections that outlast this function are cut when `serving` is dropped.
    let (serving, served) = watch::channel(());
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
        let connection =
            server.serve_connection(TokioIo::new(stream), service_fn(with_address(&router, address)));
        let connection = graceful.watch(connection);
        let mut served = served.clone();
        tokio::spawn(async move {
            tokio::select! {
                outcome = connection => if let Err(error) = outcome {
                    tracing::debug!(%error, "a connection was cut");
                },
                _ = served.changed() => {}
            }
            drop(place);
        });
    }
    drop(listener);
    let drained = tokio::time::timeout(limits.drain, graceful.shutdown()).await;
    drop(serving);
    drained.map_err(|_| {
        io::Error::new(io::ErrorKind::TimedOut, "requests were still in flight, and have been cut")
    })
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(tokio::sync::OwnedSemaphorePermit, TcpStream, SocketAddr)> {
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

/// The router, with the client's address on every request.
fn with_address(router: &Router, address: SocketAddr) -> impl Fn(Request<Incoming>) -> Answered + use<> {
    let router = router.clone();
    move |request| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(address));
        router.clone().call(request)
    }
}

type Answered = <Router as Service<Request<Body>>>::Future;
