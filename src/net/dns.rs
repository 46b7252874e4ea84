//! Names, resolved on threads so that the loop never waits for a resolver.
//!
//! `getaddrinfo` can neither be cancelled nor given a deadline, so a lookup whose asker has gone is
//! left to end by itself and its answer is dropped.

use std::{
    collections::VecDeque,
    io,
    net::{SocketAddr, ToSocketAddrs},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::{reactor::Token, sys::errno};

/// Names one lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(u64);

/// The lookups of one process. Threads are made when the first name is asked for, never before a
/// fork, and end when they have been idle for a while.
#[derive(Debug)]
pub struct Resolver {
    shared: Arc<Shared>,
    asked: u64,
    threads: Vec<Thread>,
    /// The process that made the threads: a forked child has none.
    owner: u32,
}

#[derive(Debug)]
struct Thread {
    handle: JoinHandle<()>,
    /// It is in `getaddrinfo`. Changed under the lock only.
    busy: Arc<AtomicBool>,
}

/// An answer: all addresses, in the resolver's order of preference, or why there is none.
pub type Answer = io::Result<Vec<SocketAddr>>;

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    work: Condvar,
    waker: mio::Waker,
}

#[derive(Debug, Default)]
struct State {
    jobs: VecDeque<Job>,
    answers: VecDeque<(Token, Ticket, Answer)>,
    threads: usize,
    idle: usize,
    closed: bool,
}

#[derive(Debug)]
struct Job {
    asker: Token,
    ticket: Ticket,
    host: String,
    port: u16,
}

/// A resolver that does not answer blocks a thread for many seconds; this many may be blocked
/// before further lookups wait behind them (under their askers' own deadlines).
const THREADS: usize = 16;
const IDLE: Duration = Duration::from_secs(10);

impl Resolver {
    /// A resolver that wakes the loop through `waker` when answers are there.
    #[must_use]
    pub fn new(waker: mio::Waker) -> Resolver {
        let shared = Shared { state: Mutex::default(), work: Condvar::new(), waker };
        let owner = std::process::id();
        Resolver { shared: Arc::new(shared), asked: 0, threads: Vec::new(), owner }
    }

    /// Asks for the addresses of `host`. The answer comes from [`poll_answer`](Self::poll_answer)
    /// with the same `asker` and ticket.
    ///
    /// # Errors
    /// When no thread can be made and none is running.
    pub fn resolve(&mut self, asker: Token, host: &str, port: u16) -> io::Result<Ticket> {
        self.asked += 1;
        let ticket = Ticket(self.asked);
        let mut state = self.shared.lock();
        if state.idle <= state.jobs.len() && state.threads < THREADS {
            let shared = Arc::clone(&self.shared);
            let busy = Arc::new(AtomicBool::new(false));
            let told = Arc::clone(&busy);
            let spawned = thread::Builder::new()
                .name("tether-dns".into())
                .stack_size(256 * 1024)
                .spawn(move || shared.work(&told));
            match spawned {
                Ok(handle) => {
                    state.threads += 1;
                    self.threads.retain(|thread| !thread.handle.is_finished());
                    self.threads.push(Thread { handle, busy });
                }
                Err(error) if state.threads == 0 => return Err(error),
                Err(_) => {}
            }
        }
        state.jobs.push_back(Job { asker, ticket, host: host.to_owned(), port });
        drop(state);
        self.shared.work.notify_one();
        Ok(ticket)
    }

    /// Forgets a lookup that no thread has begun.
    pub fn cancel(&mut self, ticket: Ticket) {
        self.shared.lock().jobs.retain(|job| job.ticket != ticket);
    }

    /// After this process has become another one by a fork whose parent has ended: the threads did
    /// not come along. Lookups that they had begun are not answered.
    pub fn forget_threads(&mut self) {
        use std::os::unix::thread::JoinHandleExt;

        self.owner = std::process::id();
        for thread in self.threads.drain(..) {
            // Dropping the handle would detach a thread that is not there.
            let _ = thread.handle.into_pthread_t();
        }
        if let Ok(mut state) = self.shared.state.try_lock() {
            (state.threads, state.idle) = (0, 0);
        }
    }

    /// The next answer, in the order in which they came. The loop asks when the waker's event came.
    pub fn poll_answer(&mut self) -> Option<(Token, Ticket, Answer)> {
        self.shared.lock().answers.pop_front()
    }
}

impl Drop for Resolver {
    /// Ends the threads that wait for work. One that waits for a resolver is left to itself: it
    /// could hold the process up for long.
    fn drop(&mut self) {
        if self.owner != std::process::id() {
            return;
        }
        let mut state = self.shared.lock();
        state.closed = true;
        let busy = |thread: &Thread| thread.busy.load(Ordering::Relaxed);
        self.threads.retain(|thread| !busy(thread));
        drop(state);
        self.shared.work.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.handle.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, busy: &AtomicBool) {
        let mut state = self.lock();
        while !state.closed {
            if let Some(job) = state.jobs.pop_front() {
                busy.store(true, Ordering::Relaxed);
                drop(state);
                let answer = look_up(&job.host, job.port);
                state = self.lock();
                busy.store(false, Ordering::Relaxed);
                state.answers.push_back((job.asker, job.ticket, answer));
                // Without a waker the loop is gone, and nobody is left to be told.
                let _ = self.waker.wake();
                continue;
            }
            state.idle += 1;
            let (guard, waited) =
                self.work.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
            state = guard;
            state.idle -= 1;
            if waited.timed_out() && state.jobs.is_empty() {
                state.threads -= 1;
                return;
            }
        }
    }
}

fn look_up(host: &str, port: u16) -> Answer {
    let addresses: Vec<_> = (host, port).to_socket_addrs()?.collect();
    if addresses.is_empty() {
        return Err(io::Error::from_raw_os_error(errno::ENOENT));
    }
    Ok(addresses)
}
