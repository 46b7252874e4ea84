//! Names, resolved on threads so that the loop never waits for a resolver.
//!
//! `getaddrinfo` can neither be cancelled nor given a deadline, so a lookup whose asker has gone is
//! left to end by itself and its answer is dropped.

use std::{
    cell::RefCell,
    collections::{HashMap, VecDeque},
    io,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
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
    answers: VecDeque<(Job, Answer)>,
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
    /// It is answered with what was known before.
    known: bool,
}

/// A resolver that does not answer blocks a thread for many seconds; this many may be blocked
/// before further lookups wait behind them (under their askers' own deadlines).
const THREADS: usize = 16;
const IDLE: Duration = Duration::from_secs(10);
/// How long an attempt to connect has before the next address is tried beside it (RFC 8305
/// section 5).
pub const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

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
        state.jobs.push_back(Job { asker, ticket, host: host.to_owned(), port, known: false });
        drop(state);
        self.shared.work.notify_one();
        Ok(ticket)
    }

    /// Forgets a lookup that no thread has begun.
    pub fn cancel(&mut self, ticket: Ticket) {
        self.shared.lock().jobs.retain(|job| job.ticket != ticket);
    }

    /// The addresses of `host`, if they were found a short while ago.
    #[must_use]
    pub fn cached(&self, host: &str, port: u16, now: Instant) -> Option<Vec<SocketAddr>> {
        cache::find(host, port, now)
    }

    /// Answers with addresses that are known already, as [`resolve`](Self::resolve) would: later,
    /// from the loop.
    pub fn answer(&mut self, asker: Token, host: &str, addresses: Vec<SocketAddr>) -> Ticket {
        self.asked += 1;
        let ticket = Ticket(self.asked);
        let job = Job { asker, ticket, host: host.to_owned(), port: 0, known: true };
        self.shared.lock().answers.push_back((job, Ok(addresses)));
        let _ = self.shared.waker.wake();
        ticket
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
    pub fn poll_answer(&mut self, now: Instant) -> Option<(Token, Ticket, Answer)> {
        let (job, answer) = self.shared.lock().answers.pop_front()?;
        if let (Ok(addresses), false) = (&answer, job.known) {
            cache::keep(&job.host, addresses, now);
        }
        Some((job.asker, job.ticket, answer))
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
                state.answers.push_back((job, answer));
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

/// Asks the system, which may take long.
pub(super) fn look_up(host: &str, port: u16) -> Answer {
    let addresses: Vec<_> = (host, port).to_socket_addrs()?.collect();
    if addresses.is_empty() {
        return Err(io::Error::from_raw_os_error(errno::ENOENT));
    }
    Ok(interleave(addresses))
}

/// One address of each family in turn, beginning with the family of the first (RFC 8305 section 4):
/// a family that does not work costs one attempt.
fn interleave(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut mixed = Vec::new();
    loop {
        let pair = (first.next(), second.next());
        mixed.extend(pair.0.into_iter().chain(pair.1));
        if pair.0.is_none() && pair.1.is_none() {
            return mixed;
        }
    }
}

/// Names that were found a short while ago. Each thread that runs a loop has its own: no lock could
/// be taken while another forks.
pub mod cache {
    use super::{Duration, HashMap, Instant, IpAddr, RefCell, SocketAddr};

    struct Cache {
        lifetime: Duration,
        names: HashMap<String, (Instant, Vec<IpAddr>)>,
    }

    /// How long a name is kept unless [`set_lifetime`] says otherwise.
    pub const LIFETIME: Duration = Duration::from_secs(60);
    /// Names that are kept at most.
    const MOST: usize = 1024;

    thread_local! {
        static CACHE: RefCell<Cache> =
            RefCell::new(Cache { lifetime: LIFETIME, names: HashMap::new() });
    }

    /// How long names are kept from now on, also those that are there; zero: not at all.
    pub fn set_lifetime(lifetime: Duration) {
        CACHE.with_borrow_mut(|cache| cache.lifetime = lifetime);
    }

    /// Forgets all.
    pub fn clear() {
        CACHE.with_borrow_mut(|cache| cache.names.clear());
    }

    /// The addresses of `host`, if they are known and young enough.
    #[must_use]
    pub fn find(host: &str, port: u16, now: Instant) -> Option<Vec<SocketAddr>> {
        CACHE.with_borrow_mut(|cache| {
            let (since, addresses) = cache.names.get(host)?;
            if now.saturating_duration_since(*since) >= cache.lifetime {
                cache.names.remove(host);
                return None;
            }
            Some(addresses.iter().map(|ip| SocketAddr::new(*ip, port)).collect())
        })
    }

    /// Keeps the addresses of `host`.
    pub fn keep(host: &str, addresses: &[SocketAddr], now: Instant) {
        CACHE.with_borrow_mut(|cache| {
            if cache.lifetime.is_zero() {
                return;
            }
            let lifetime = cache.lifetime;
            if cache.names.len() >= MOST {
                cache
                    .names
                    .retain(|_, (since, _)| now.saturating_duration_since(*since) < lifetime);
            }
            if cache.names.len() < MOST {
                let addresses = addresses.iter().map(SocketAddr::ip).collect();
                cache.names.insert(host.to_owned(), (now, addresses));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(list: &[&str]) -> Vec<SocketAddr> {
        list.iter().map(|address| address.parse().unwrap()).collect()
    }

    #[test]
    fn families_take_turns() {
        let given = addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "1.0.0.1:1", "1.0.0.2:1"]);
        let wanted = addresses(&["[::1]:1", "1.0.0.1:1", "[::2]:1", "1.0.0.2:1", "[::3]:1"]);
        assert_eq!(interleave(given), wanted);
        let one = addresses(&["1.0.0.1:1", "1.0.0.2:1"]);
        assert_eq!(interleave(one.clone()), one);
    }

    #[test]
    fn a_name_is_kept_for_its_time() {
        let start = crate::reactor::monotonic();
        let found = addresses(&["10.0.0.1:1"]);
        cache::keep("kept.test", &found, start);
        let at = |seconds| cache::find("kept.test", 80, start + Duration::from_secs(seconds));
        assert_eq!(at(59), Some(addresses(&["10.0.0.1:80"])));
        assert_eq!(at(60), None);
        assert_eq!(at(1), None, "it is gone");
        cache::keep("kept.test", &found, start);
        cache::clear();
        assert_eq!(at(1), None);
        cache::set_lifetime(Duration::ZERO);
        cache::keep("kept.test", &found, start);
        cache::set_lifetime(cache::LIFETIME);
        assert_eq!(at(1), None);
    }
}
