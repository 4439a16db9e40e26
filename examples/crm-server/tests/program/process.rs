//! The program as a process of its own, in a folder of its own and without the settings of its surroundings.

use std::{
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    sync::Notify,
    task::JoinHandle,
    time::timeout,
};

use crate::client::Client;

/// How long anything may take before the test fails: much longer than it does on a slow machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A folder to start the program in, which goes with everything in it.
pub(crate) struct Folder {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// The value of a metric with exactly these labels.
#[track_caller]
pub(crate) fn value(figures: &str, name: &str) -> f64 {
    let line = figures.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {figures}")).parse().unwrap()
}

/// How the program ended, and what it said.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    /// With the demo in `crm.db`, by a server that has ended.
    pub(crate) async fn with_demo() -> Self {
        let folder = Self::new();
        folder.serve(&["--demo"]).await.stop().await;
        folder
    }

    /// With a tenant in `crm.db`, and nobody in it.
    pub(crate) async fn with_tenant(slug: &str) -> Self {
        let folder = Self::new();
        folder.done(&["tenant", "create", slug]).await;
        folder
    }

    /// An environment variable for whatever is started from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(own, _)| own != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// The program with these arguments, to be killed when the test lets go of it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crm-server"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("CRM_") {
                command.env_remove(name);
            }
        }
        command.args(arguments).envs(self.variables.iter().cloned()).current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Starts the program and waits for its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(arguments).spawn().unwrap()).await
    }

    /// The same, with something on the standard input.
    pub(crate) async fn run_with(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        // Beside it, because the program may want to be heard before it has read everything, and may read nothing.
        tokio::spawn(async move {
            let _ = stdin.write_all(input.as_bytes()).await;
        });
        Outcome::of(child).await
    }

    /// What a command says that does what it is told.
    pub(crate) async fn done(&self, arguments: &[&str]) -> String {
        self.run(arguments).await.done()
    }

    /// Serves on a free port, in the words of these arguments.
    pub(crate) async fn serve(&self, arguments: &[&str]) -> Server {
        let mut all = vec!["--listen", "127.0.0.1:0"];
        all.extend(arguments);
        Server::of(self.command(&all)).await
    }
}

impl Outcome {
    pub(crate) async fn of(child: Child) -> Self {
        let output = timeout(PATIENCE, child.wait_with_output()).await.expect("the program does not end");
        let output = output.unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }.checked()
    }

    fn checked(self) -> Self {
        assert!(!self.err.contains("panicked"), "{self:?}");
        self
    }

    /// What it printed, if it did what it was told.
    pub(crate) fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out
    }

    /// That it did nothing, printed nothing and said why: in one line with all these words.
    pub(crate) fn refused(&self, words: &[&str]) {
        assert_eq!((self.code, self.out.as_str()), (Some(1), ""), "{self:?}");
        let mut errors = self.err.lines().filter(|line| line.starts_with("error: "));
        let line = errors.next().unwrap_or_else(|| panic!("no error is told: {self:?}"));
        assert_eq!(errors.next(), None, "{self:?}");
        for word in words {
            assert!(line.contains(word), "no `{word}` in {line}");
        }
    }
}

/// A server that runs until the test lets go of it.
pub(crate) struct Server {
    child: Child,
    address: String,
    pub(crate) out: Stream,
    pub(crate) log: Stream,
}

impl Server {
    pub(crate) async fn of(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let out = Stream::of(child.stdout.take().unwrap());
        let log = Stream::of(child.stderr.take().unwrap());
        let line = out.line("listening on http://").await.unwrap_or_else(|| panic!("{}", log.text()));
        let (_, address) = line.split_once("http://").unwrap();
        Self { address: address.to_owned(), child, out, log }
    }

    /// Where it listens, as `ADDRESS:PORT`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Somebody who has not signed in.
    pub(crate) fn stranger(&self) -> Client {
        Client::of(&self.address)
    }

    /// Who signs in with the demo's password.
    pub(crate) async fn user(&self, email: &str) -> Client {
        self.stranger().sign_in(email, "demo-password-1").await
    }

    /// Sends bytes as they are; the whole answer, until the server closes the connection.
    pub(crate) async fn exchange(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
        answer
    }

    /// What is at `/metrics`, with the head of the answer.
    pub(crate) async fn figures(&self) -> String {
        self.exchange("GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id().expect("it has ended")).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// Ends it in the middle of whatever it does.
    pub(crate) async fn kill(self) {
        self.signal(Signal::KILL);
        self.end().await;
    }

    /// Ends it as an administrator does. It must end well.
    pub(crate) async fn stop(self) -> Outcome {
        self.signal(Signal::TERM);
        let outcome = self.end().await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        outcome
    }

    /// Waits for its end.
    pub(crate) async fn end(mut self) -> Outcome {
        let status = timeout(PATIENCE, self.child.wait()).await.expect("the server does not end").unwrap();
        let (out, err) = (self.out.rest().await, self.log.rest().await);
        Outcome { code: status.code(), out, err }.checked()
    }
}

/// What a process says, as it comes.
pub(crate) struct Stream {
    said: Arc<(Mutex<(String, bool)>, Notify)>,
    reader: Option<JoinHandle<()>>,
}

impl Stream {
    fn of(pipe: impl AsyncRead + Send + Unpin + 'static) -> Self {
        let said = Arc::new((Mutex::new((String::new(), false)), Notify::new()));
        let own = Arc::clone(&said);
        let reader = tokio::spawn(async move {
            let mut pipe = BufReader::new(pipe);
            let mut line = String::new();
            while matches!(pipe.read_line(&mut line).await, Ok(1..)) {
                own.0.lock().unwrap().0.push_str(&line);
                own.1.notify_waiters();
                line.clear();
            }
            own.0.lock().unwrap().1 = true;
            own.1.notify_waiters();
        });
        Self { said, reader: Some(reader) }
    }

    /// All that was said until now.
    pub(crate) fn text(&self) -> String {
        self.said.0.lock().unwrap().0.clone()
    }

    /// The first line with these words, once it is said; `None` if it never will be.
    pub(crate) async fn line(&self, words: &str) -> Option<String> {
        let line = async {
            loop {
                let more = self.said.1.notified();
                tokio::pin!(more);
                more.as_mut().enable();
                {
                    let said = self.said.0.lock().unwrap();
                    let line = said.0.lines().find(|line| line.contains(words));
                    if line.is_some() || said.1 {
                        return line.map(str::to_owned);
                    }
                }
                more.await;
            }
        };
        timeout(PATIENCE, line).await.unwrap_or_else(|_| panic!("no `{words}` in {}", self.text()))
    }

    /// Stops to listen, as a reader does that goes away.
    pub(crate) async fn close(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.abort();
            // The pipe is closed once the task is gone.
            let _ = reader.await;
        }
    }

    /// Everything, at the end.
    async fn rest(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            timeout(PATIENCE, reader).await.expect("somebody else holds the pipe").unwrap();
        }
        self.text()
    }
}
