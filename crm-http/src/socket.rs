//! A connection that does not let its client hold it for ever.

use std::{
    io,
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::{Instant, Sleep, sleep},
};

/// How long a client that is still sending is listened to after the last byte for it. A socket that is closed with
/// unread bytes is reset, and then the client never sees the answer that told it to stop.
const LINGER: Duration = Duration::from_secs(2);

/// A client's connection with the place that it takes. Both go together, also if the connection is upgraded.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    patience: Duration,
    stalled: Deadline,
    lingering: Deadline,
    _place: OwnedSemaphorePermit,
}

impl Socket {
    /// `patience` is how long the client may take none of what is written to it.
    pub(crate) fn new(stream: TcpStream, patience: Duration, place: OwnedSemaphorePermit) -> Self {
        Self { stream, patience, stalled: Deadline::default(), lingering: Deadline::default(), _place: place }
    }

    /// What writing came to, or an error if the client has taken nothing for too long.
    fn in_time(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled.clear();
            return written;
        }
        ready!(self.stalled.poll(cx, self.patience));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client reads nothing")))
    }
}

/// A moment that is set when it is first waited for.
#[derive(Debug, Default)]
struct Deadline {
    // Kept when it is cleared: most clients take what they get at once, and the others more than once.
    sleep: Option<Pin<Box<Sleep>>>,
    is_set: bool,
}

impl Deadline {
    fn clear(&mut self) {
        self.is_set = false;
    }

    fn poll(&mut self, cx: &mut Context<'_>, after: Duration) -> Poll<()> {
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(after)));
        if !self.is_set {
            sleep.as_mut().reset(Instant::now() + after);
            self.is_set = true;
        }
        sleep.as_mut().poll(cx)
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.in_time(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.in_time(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Says that nothing more comes, and waits a little for the client to say the same.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.lingering.is_set {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
        }
        let mut scrap = [MaybeUninit::uninit(); 8 * 1024];
        while this.lingering.poll(cx, LINGER).is_pending() {
            let mut buffer = ReadBuf::uninit(&mut scrap);
            let read = ready!(Pin::new(&mut this.stream).poll_read(cx, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                break;
            }
        }
        Poll::Ready(Ok(()))
    }
}
