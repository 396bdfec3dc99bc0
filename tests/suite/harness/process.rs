//! A child process whose output is kept, and which does not outlive its test.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use nix::{
    sys::signal::{self, Signal},
    unistd::Pid,
};

use super::eventually_within;

/// Is how long a program may take to start or to end, debug build and busy machine included.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A running program.
pub(crate) struct Process {
    child: Child,
    output: Arc<Mutex<String>>,
    readers: Vec<thread::JoinHandle<()>>,
}

impl Process {
    /// Starts it with its output captured.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let output = Arc::new(Mutex::new(String::new()));
        let stdout: Box<dyn Read + Send> = Box::new(child.stdout.take().expect("stdout is piped"));
        let stderr: Box<dyn Read + Send> = Box::new(child.stderr.take().expect("stderr is piped"));
        let readers = [stdout, stderr].map(|stream| {
            let output = Arc::clone(&output);
            thread::spawn(move || {
                let mut lines = BufReader::new(stream);
                let mut line = Vec::new();
                while lines.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                    output.lock().unwrap().push_str(&String::from_utf8_lossy(&line));
                    line.clear();
                }
            })
        });
        Self { child, output, readers: readers.into() }
    }

    /// Starts it with both of its outputs on a device that refuses every byte, as a full disk does.
    #[cfg(target_os = "linux")]
    pub(crate) fn spawn_onto_full_disk(mut command: Command) -> Self {
        let full = || File::options().write(true).open("/dev/full").expect("Linux has a device that is always full");
        let child =
            command.stdin(Stdio::null()).stdout(full()).stderr(full()).spawn().expect("the program can be started");
        Self { child, output: Arc::default(), readers: Vec::new() }
    }

    /// Everything written so far to standard output and standard error.
    pub(crate) fn output(&self) -> String {
        self.output.lock().unwrap().clone()
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that the process ever held, in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn resident_peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).expect("the process is there");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells of memory");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().try_into().expect("a process id is positive"));
        signal::kill(pid, signal).expect("a child of ours takes signals");
    }

    /// Tells whether it has ended.
    pub(crate) fn exited(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child of ours can be waited for")
    }

    /// Waits for the end and for the last of its output.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let status = eventually_within(PATIENCE, "the process to end", async || self.exited()).await;
        for reader in self.readers.drain(..) {
            reader.join().expect("reading output does not panic");
        }
        status
    }

    /// Waits for the end of the process alone: another one may go on writing to its output.
    pub(crate) async fn ended_by_itself(&mut self) -> ExitStatus {
        self.readers.clear();
        eventually_within(PATIENCE, "the process to end", async || self.exited()).await
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    #[expect(clippy::print_stderr, reason = "the child's log is what explains a failed test")]
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            eprintln!("--- output of the process ---\n{}--- end of output ---", self.output());
        }
    }
}
