use super::*;
use crate::{
    reactor::{Arena, Key, Source},
    server::{Received, RecycleReason, log::Log},
    sys::descriptor::stream_pair,
};
use std::{collections::HashMap, time::SystemTime};

/// A system that does what a test says and writes down what it was asked.
#[derive(Default)]
struct Fake {
    log: RefCell<Vec<String>>,
    last_pid: Cell<Pid>,
    names: RefCell<Arena<Pid>>,
    channels: RefCell<HashMap<Pid, Key>>,
    said: RefCell<HashMap<Key, Received>>,
    ended: RefCell<HashMap<Pid, ExitStatus>>,
    /// Who was told to read which box.
    adopted: RefCell<Vec<(Pid, u8)>>,
    /// Why workers were told to retire.
    reasons: RefCell<Vec<RecycleReason>>,
    fork_fails: Cell<bool>,
    next_is_child: Cell<bool>,
}

impl Fake {
    fn note(&self, what: String) {
        self.log.borrow_mut().push(what);
    }
}

impl Os for Fake {
    fn fork(&self) -> io::Result<Forked> {
        if self.fork_fails.get() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        if self.next_is_child.get() {
            return Ok(Forked::Child { channel: Channel::new(stream_pair()?.0) });
        }
        let pid = self.last_pid.get() + 1;
        self.last_pid.set(pid);
        let channel = self.names.borrow_mut().insert(pid);
        self.channels.borrow_mut().insert(pid, channel);
        self.note(format!("fork {pid}"));
        Ok(Forked::Parent { pid, channel })
    }

    fn send(&self, channel: Key, message: Message) -> io::Result<()> {
        if let (Some(pid), Message::Adopt { lane }) = (self.names.borrow().get(channel), message) {
            self.adopted.borrow_mut().push((*pid, lane));
        } else if let (Some(pid), Message::Retire { reason }) =
            (self.names.borrow().get(channel), message)
        {
            self.reasons.borrow_mut().push(reason);
            self.note(format!("Retire {pid}"));
        } else if let Some(pid) = self.names.borrow().get(channel) {
            self.note(format!("{message:?} {pid}"));
        }
        Ok(())
    }

    fn receive(&self, channel: Key) -> Received {
        self.said.borrow_mut().remove(&channel).unwrap_or_default()
    }

    fn post(&self, to: Address, head: Head) {
        self.note(format!(
            "post {} kind {} flags {} a {}",
            to.number(),
            head.kind,
            head.flags,
            head.a
        ));
    }

    fn close(&self, channel: Key) {
        self.names.borrow_mut().remove(channel);
    }

    fn kill(&self, pid: Pid, signo: i32) {
        self.note(format!("kill -{signo} {pid}"));
    }

    fn wait(&self, pid: Pid) -> Option<ExitStatus> {
        self.ended.borrow_mut().remove(&pid)
    }
}

/// Hooks that are written down beside what the system was asked; one may give a command.
struct Told {
    os: Rc<Fake>,
    master: RefCell<std::rc::Weak<Master>>,
    shutdown_in: Cell<&'static str>,
}

impl Told {
    fn tell(&self, what: &'static str, detail: &str) {
        self.os.note(format!("{what}{detail}"));
        if self.shutdown_in.get() == what {
            self.master.borrow().upgrade().unwrap().shutdown();
        }
    }
}

impl Lifecycle for Told {
    fn on_start(&self) {
        self.tell("start", "");
    }
    fn on_manager_start(&self) {
        self.tell("manager start", "");
    }
    fn on_worker_error(&self, worker_id: usize, pid: Pid, exit_code: i32, signal: i32) {
        self.tell("error", &format!(" #{worker_id} {pid} {exit_code} {signal}"));
    }
    fn on_manager_stop(&self) {
        self.tell("manager stop", "");
    }
    fn on_shutdown(&self) {
        self.tell("shutdown", "");
    }
}

struct Bench {
    os: Rc<Fake>,
    told: Rc<Told>,
    log: Rc<Log>,
    stats: Stats,
    parts: SharedParts,
    master: Rc<Master>,
    begin: Instant,
}

const WAIT: Duration = Duration::from_secs(30);

fn bench(workers: usize) -> Bench {
    crew(Crew { workers, ..Crew::default() })
}

fn crew(crew: Crew) -> Bench {
    let os = Rc::new(Fake::default());
    let told = Rc::new(Told {
        os: Rc::clone(&os),
        master: RefCell::default(),
        shutdown_in: Cell::new(""),
    });
    let log = Rc::new(Log::to_memory());
    let stats = Stats::new(crew.len(), SystemTime::UNIX_EPOCH).unwrap();
    let config = MasterConfig { crew, max_wait_time: WAIT };
    let parts = SharedParts {
        listeners: Rc::new(Listeners::new()),
        stats: stats.clone(),
        office: Arc::new(PostOffice::new(crew.len(), 1, 1 << 20).unwrap()),
        sessions: None,
        tasks: TaskBoard::new(crew.task_workers).unwrap(),
    };
    let master = Rc::new(Master::new(os.clone(), told.clone(), log.clone(), parts.clone(), config));
    told.master.replace(Rc::downgrade(&master));
    Bench { os, told, log, stats, parts, master, begin: crate::reactor::monotonic() }
}

/// A bench whose workers serve; the record is empty.
fn serving(worker_num: usize) -> Bench {
    let bench = bench(worker_num);
    assert!(matches!(bench.master.start(bench.at(0)), Ok(Step::Continue)));
    for pid in 1..=Pid::try_from(worker_num).unwrap() {
        bench.says(pid, Message::Ready, 0);
    }
    bench.take();
    bench
}

impl Bench {
    fn at(&self, ms: u64) -> Instant {
        self.begin + Duration::from_millis(ms)
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.os.log.borrow_mut())
    }

    fn says(&self, pid: Pid, message: Message, ms: u64) -> Vec<String> {
        let channel = self.os.channels.borrow()[&pid];
        let received = Received { messages: vec![message], ended: false };
        self.os.said.borrow_mut().insert(channel, received);
        let step = self.master.handle_channel(Token::new(Source::Channel, channel), self.at(ms));
        assert!(matches!(step, Step::Continue));
        self.take()
    }

    fn signal(&self, signo: i32, ms: u64) -> Vec<String> {
        assert!(matches!(self.master.handle_signal(signo, self.at(ms)), Step::Continue));
        self.take()
    }

    fn ends(&self, pid: Pid, code: i32, signal: i32, ms: u64) -> Vec<String> {
        self.os.ended.borrow_mut().insert(pid, ExitStatus { code, signal });
        self.signal(SIGCHLD, ms)
    }

    fn last_ends(&self, pid: Pid, ms: u64) -> Vec<String> {
        self.os.ended.borrow_mut().insert(pid, ExitStatus { code: 0, signal: 0 });
        assert!(matches!(self.master.handle_signal(SIGCHLD, self.at(ms)), Step::Finished));
        assert!(self.master.finished());
        assert_eq!(self.master.poll_deadline(), None);
        self.take()
    }

    /// Lets the next deadline come, which is this one.
    fn deadline(&self, ms: u64) -> Vec<String> {
        let due = self.master.poll_deadline().map(|at| at.duration_since(self.begin).as_millis());
        assert_eq!(due, Some(u128::from(ms)));
        assert!(matches!(self.master.handle_timeout(self.at(ms)), Step::Continue));
        self.take()
    }
}

const RECYCLE: Message =
    Message::Recycle { reason: RecycleReason::MaxRequest, reached: 9, limit: 9 };

#[test]
fn a_server_starts_and_ends_in_order() {
    let bench = bench(2);
    assert!(matches!(bench.master.start(bench.at(0)), Ok(Step::Continue)));
    assert_eq!(bench.take(), ["start", "fork 1", "fork 2", "manager start"]);
    assert_eq!(bench.says(1, Message::Ready, 5), [""; 0]);
    assert_eq!(bench.says(2, Message::Ready, 5), [""; 0]);
    assert_eq!(bench.master.poll_deadline(), None);
    assert!(matches!(bench.master.start(bench.at(9)), Err(StartError::Twice)));
    assert_eq!(bench.signal(SIGTERM, 10), ["Shutdown 1", "kill -15 1", "Shutdown 2", "kill -15 2"]);
    assert_eq!(bench.signal(SIGTERM, 11), [""; 0]);
    assert_eq!(bench.ends(1, 0, 0, 12), [""; 0]);
    assert_eq!(bench.last_ends(2, 13), ["manager stop", "shutdown"]);
    assert_eq!(bench.master.exit_code(), 0);
}

#[test]
fn a_child_gets_its_place_and_the_copy_of_the_master_is_silent() {
    let bench = serving(2);
    bench.os.next_is_child.set(true);
    bench.os.ended.borrow_mut().insert(2, ExitStatus { code: 0, signal: 11 });
    let Step::Child(context) = bench.master.handle_signal(SIGCHLD, bench.at(2000)) else {
        panic!("not the child")
    };
    assert_eq!((context.worker_id, context.generation), (1, 3));
    assert_eq!(bench.take(), ["error #1 2 0 11"]);
    bench.master.shutdown();
    assert_eq!(bench.signal(SIGTERM, 2001), [""; 0]);
    assert!(bench.master.finished());
    assert_eq!(bench.master.poll_deadline(), None);
}

#[test]
fn what_dies_is_replaced_at_once_and_reported_only_when_it_failed() {
    let bench = serving(2);
    assert_eq!(bench.ends(1, 0, 9, 1000), ["error #0 1 0 9", "fork 3"]);
    assert_eq!(bench.ends(2, 255, 0, 1000), ["error #1 2 255 0", "fork 4"]);
    assert_eq!(bench.ends(3, 0, 0, 2000), ["fork 5"]);
    assert_eq!(bench.master.worker_pid(0), Some(5));
    assert_eq!(
        bench.log.take_lines(),
        [
            "WARNING worker #0 (pid 1) was killed by signal 9",
            "WARNING worker #1 (pid 2) ended with exit code 255",
            "NOTICE worker #0 (pid 3) ended by itself",
        ]
    );
}

#[test]
fn the_connections_of_a_dead_worker_are_counted_as_closed() {
    let bench = serving(1);
    bench.stats.row(0, 0).accepted();
    assert_eq!(bench.stats.totals().connection_num, 1);
    bench.ends(1, 0, 11, 5000);
    assert_eq!(bench.stats.totals().connection_num, 0);
}

#[test]
fn a_worker_that_dies_young_is_replaced_with_doubling_delays() {
    let bench = serving(1);
    let mut now = 500;
    for (pid, delay) in (1..).zip([100, 200, 400, 800, 1600, 3200, 5000, 5000]) {
        assert_eq!(bench.ends(pid, 1, 0, now), [format!("error #0 {pid} 1 0")]);
        now += delay;
        assert_eq!(bench.deadline(now), [format!("fork {}", pid + 1)]);
    }
    assert_eq!(bench.ends(9, 1, 0, now + 1000), ["error #0 9 1 0", "fork 10"]);
    bench.ends(10, 1, 0, now + 1500);
    assert_eq!(bench.deadline(now + 1600), ["fork 11"]);
}

#[test]
fn a_fork_that_fails_is_tried_again() {
    let bench = serving(1);
    bench.os.fork_fails.set(true);
    assert_eq!(bench.ends(1, 0, 9, 2000), ["error #0 1 0 9"]);
    assert_eq!(bench.deadline(2100), [""; 0]);
    bench.os.fork_fails.set(false);
    assert_eq!(bench.deadline(2300), ["fork 2"]);
}

#[test]
fn a_server_without_any_worker_does_not_start() {
    let bench = bench(2);
    bench.os.fork_fails.set(true);
    assert!(matches!(bench.master.start(bench.at(0)), Err(StartError::NoWorker)));
    assert!(bench.master.finished());
}

#[test]
fn a_recycled_worker_serves_until_its_successor_is_ready() {
    let bench = serving(2);
    assert_eq!(bench.says(1, RECYCLE, 5000), ["fork 3"]);
    assert_eq!(bench.says(1, RECYCLE, 5001), [""; 0]);
    assert_eq!(bench.says(2, RECYCLE, 5002), [""; 0], "one at a time");
    assert_eq!(bench.master.worker_pid(0), Some(1));
    assert_eq!(bench.says(3, Message::Ready, 5100), ["Retire 1", "fork 4"]);
    assert_eq!(bench.master.worker_pid(0), Some(3));
    assert_eq!(bench.says(3, RECYCLE, 5200), [""; 0]);
    assert_eq!(bench.says(4, Message::Ready, 5300), ["Retire 2"], "worker 1 is still in slot 0");
    assert_eq!(bench.ends(1, 0, 0, 5400), ["fork 5"]);
    assert_eq!(bench.says(5, Message::Ready, 5500), ["Retire 3"]);
    assert_eq!(bench.ends(2, 0, 0, 5600), [""; 0]);
    assert_eq!(bench.ends(3, 0, 0, 5600), [""; 0]);
    assert_eq!(bench.master.poll_deadline(), None);
}

#[test]
fn a_retiring_worker_that_does_not_end_is_killed_and_named() {
    let bench = serving(1);
    bench.says(1, RECYCLE, 0);
    assert_eq!(bench.says(2, Message::Ready, 100), ["Retire 1"]);
    bench.log.take_lines();
    assert_eq!(bench.deadline(30_600), ["kill -9 1"]);
    assert_eq!(
        bench.log.take_lines(),
        ["WARNING worker #0 (pid 1) did not end within 30 s: killed"]
    );
    assert_eq!(bench.master.poll_deadline(), None);
    assert_eq!(bench.ends(1, 0, 9, 30_601), [""; 0]);
    assert_eq!(bench.master.exit_code(), 0);
}

#[test]
fn a_worker_that_has_left_its_loop_has_ten_seconds_for_the_rest() {
    let bench = serving(2);
    bench.says(1, RECYCLE, 0);
    assert_eq!(bench.says(3, Message::Ready, 0), ["Retire 1"]);
    assert_eq!(bench.says(1, Message::Ending, 30_400), [""; 0]);
    // Another ends by itself, and nobody waits for it for ever. A shutdown does not hurry it.
    assert_eq!(bench.says(2, Message::Ending, 31_000), [""; 0]);
    bench.log.take_lines();
    assert_eq!(bench.deadline(40_400), ["kill -9 1"]);
    assert_eq!(
        bench.log.take_lines(),
        ["WARNING worker #0 (pid 1) has left its loop and did not end within 10 s: killed"]
    );
    bench.ends(1, 0, 9, 40_401);
    bench.signal(SIGTERM, 41_000);
    bench.ends(3, 0, 0, 41_001);
    assert_eq!(bench.deadline(61_500), ["kill -9 2"]);
}

#[test]
fn a_worker_that_dies_while_its_successor_starts_is_followed_by_it() {
    let bench = serving(1);
    bench.says(1, RECYCLE, 2000);
    assert_eq!(bench.ends(1, 0, 9, 2100), ["error #0 1 0 9"]);
    assert_eq!(bench.master.worker_pid(0), Some(2));
    assert_eq!(bench.says(2, Message::Ready, 2200), [""; 0]);
    assert_eq!(bench.says(2, RECYCLE, 2300), ["fork 3"]);
}

#[test]
fn a_reload_replaces_one_worker_after_the_other() {
    let bench = serving(3);
    assert_eq!(bench.signal(SIGUSR1, 1000), ["fork 4"]);
    assert_eq!(bench.says(4, Message::Ready, 1100), ["Retire 1", "fork 5"]);
    assert_eq!(bench.ends(1, 0, 0, 1150), [""; 0]);
    assert_eq!(bench.says(5, Message::Ready, 1200), ["Retire 2", "fork 6"]);
    assert_eq!(bench.says(6, Message::Ready, 1300), ["Retire 3"]);
    assert_eq!(bench.ends(2, 0, 0, 1400), [""; 0]);
    assert_eq!(bench.ends(3, 0, 0, 1400), [""; 0]);
    assert_eq!(bench.master.poll_deadline(), None);
}

#[test]
fn a_reload_stops_at_code_that_does_not_start_and_goes_on_when_it_does() {
    let bench = serving(2);
    assert_eq!(bench.signal(SIGUSR1, 1000), ["fork 3"]);
    assert_eq!(bench.ends(3, 255, 0, 1010), ["error #0 3 255 0"]);
    assert_eq!(bench.master.worker_pid(0), Some(1));
    assert_eq!(
        bench.log.take_lines().last().unwrap(),
        "WARNING worker #0 (pid 3) ended with exit code 255; the worker that it should replace \
         serves on"
    );
    assert_eq!(bench.deadline(1110), ["fork 4"]);
    assert_eq!(bench.ends(4, 255, 0, 1120), ["error #0 4 255 0"]);
    assert_eq!(bench.deadline(1320), ["fork 5"]);
    assert_eq!(bench.says(5, Message::Ready, 1400), ["Retire 1", "fork 6"]);
    assert_eq!(bench.says(6, Message::Ready, 1500), ["Retire 2"]);
}

#[test]
fn a_reload_during_a_reload_replaces_what_was_forked_before_it() {
    let bench = serving(2);
    assert_eq!(bench.signal(SIGUSR1, 1000), ["fork 3"]);
    assert_eq!(bench.signal(SIGUSR1, 1100), [""; 0]);
    assert_eq!(bench.says(3, Message::Ready, 1200), ["Retire 1", "fork 4"]);
    bench.ends(1, 0, 0, 1250);
    assert_eq!(bench.says(4, Message::Ready, 1300), ["Retire 2", "fork 5"]);
    assert_eq!(bench.says(5, Message::Ready, 1400), ["Retire 3"]);
}

#[test]
fn a_worker_that_waits_for_its_turn_and_dies_is_not_replaced_twice() {
    let bench = serving(2);
    bench.signal(SIGUSR1, 2000);
    assert_eq!(bench.ends(2, 0, 11, 2100), ["error #1 2 0 11", "fork 4"]);
    assert_eq!(bench.says(3, Message::Ready, 2200), ["Retire 1"]);
}

#[test]
fn shutdown_waits_for_stragglers_and_kills_them() {
    let bench = serving(2);
    bench.signal(SIGINT, 0);
    assert_eq!(bench.ends(1, 0, 0, 100), [""; 0]);
    bench.log.take_lines();
    assert_eq!(bench.deadline(30_500), ["kill -9 2"]);
    assert_eq!(
        bench.log.take_lines(),
        ["WARNING worker #1 (pid 2) did not end within 30 s: killed"]
    );
    bench.os.ended.borrow_mut().insert(2, ExitStatus { code: 0, signal: SIGKILL });
    assert!(matches!(bench.master.handle_signal(SIGCHLD, bench.at(30_501)), Step::Finished));
    assert_eq!(bench.take(), ["manager stop", "shutdown"]);
    assert_eq!(bench.master.exit_code(), 1);
}

#[test]
fn a_second_interrupt_ends_at_once() {
    let bench = serving(2);
    assert_eq!(bench.signal(SIGINT, 0).len(), 4);
    assert_eq!(bench.signal(SIGINT, 10), ["kill -9 1", "kill -9 2"]);
    bench.ends(1, 0, 9, 11);
    bench.last_ends(2, 12);
    assert_eq!(bench.master.exit_code(), 130);
}

#[test]
fn shutdown_during_a_replacement_ends_all_three() {
    let bench = serving(1);
    bench.says(1, RECYCLE, 0);
    bench.says(2, Message::Ready, 100);
    assert_eq!(bench.signal(SIGTERM, 200), ["Shutdown 1", "Shutdown 2", "kill -15 2"]);
    bench.ends(2, 0, 0, 300);
    assert_eq!(bench.last_ends(1, 300), ["manager stop", "shutdown"]);
}

#[test]
fn commands_given_in_hooks_are_carried_out_after_them() {
    let bench = serving(1);
    bench.told.shutdown_in.set("error");
    bench.os.ended.borrow_mut().insert(1, ExitStatus { code: 1, signal: 0 });
    assert!(matches!(bench.master.handle_signal(SIGCHLD, bench.at(2000)), Step::Finished));
    assert_eq!(bench.take(), ["error #0 1 1 0", "manager stop", "shutdown"]);
}

#[test]
fn a_server_that_is_shut_down_in_on_start_forks_nothing() {
    let bench = bench(2);
    bench.told.shutdown_in.set("start");
    assert!(matches!(bench.master.start(bench.at(0)), Ok(Step::Finished)));
    assert_eq!(bench.take(), ["start", "shutdown"]);
}

#[test]
fn commands_from_callbacks_ask_for_a_turn() {
    let bench = serving(2);
    bench.master.stop_worker(1);
    bench.master.stop_worker(77);
    assert_eq!(bench.deadline(0), ["fork 3"]);
    assert_eq!(bench.says(3, Message::Ready, 10), ["Retire 2"]);
    assert_eq!(bench.says(1, Message::Stop { worker_id: 0 }, 20), ["fork 4"]);
    assert_eq!(bench.says(1, Message::Reload { scope: ReloadScope::Tasks }, 30), [""; 0]);
    assert_eq!(bench.log.take_lines(), ["WARNING no task workers to reload"]);
    bench.says(1, Message::Shutdown, 40);
    assert!(bench.master.stopping());
}

#[test]
fn a_worker_that_closed_its_channel_is_given_its_time() {
    let bench = serving(1);
    let channel = bench.os.channels.borrow()[&1];
    bench.os.said.borrow_mut().insert(channel, Received { messages: vec![], ended: true });
    let token = Token::new(Source::Channel, channel);
    assert!(matches!(bench.master.handle_channel(token, bench.at(0)), Step::Continue));
    assert_eq!(bench.take(), [""; 0]);
    assert_eq!(bench.deadline(30_500), ["kill -9 1"]);
    assert_eq!(bench.ends(1, 0, 9, 30_501), ["fork 2"]);
}

fn mixed() -> Bench {
    let bench = crew(Crew { workers: 1, task_workers: 2, user_processes: 1 });
    assert!(matches!(bench.master.start(bench.at(0)), Ok(Step::Continue)));
    assert_eq!(bench.master.worker_pid(0), Some(4), "event workers come last");
    (1..=4).for_each(|pid| drop(bench.says(pid, Message::Ready, 0)));
    bench.take();
    bench
}

#[test]
fn a_shutdown_ends_event_workers_then_task_workers_then_user_processes() {
    let bench = mixed();
    assert_eq!(bench.signal(SIGTERM, 10), ["Shutdown 4", "kill -15 4"]);
    let tasks = ["Shutdown 1", "kill -15 1", "Shutdown 2", "kill -15 2"];
    assert_eq!(bench.ends(4, 0, 0, 20), tasks);
    assert_eq!(bench.ends(1, 0, 0, 30), [""; 0]);
    assert_eq!(bench.ends(2, 0, 0, 40), ["Shutdown 3", "kill -15 3"]);
    assert_eq!(bench.last_ends(3, 50), ["manager stop", "shutdown"]);
}

#[test]
fn a_reload_of_task_workers_leaves_the_others_alone() {
    let bench = mixed();
    assert_eq!(bench.signal(SIGUSR2, 1000), ["fork 5"]);
    assert_eq!(bench.says(5, Message::Ready, 1100), ["Retire 1", "fork 6"]);
    assert_eq!(bench.says(6, Message::Ready, 1200), ["Retire 2"]);
    assert_eq!(bench.ends(1, 0, 0, 1300), [""; 0]);
    assert_eq!(bench.ends(2, 0, 0, 1300), [""; 0]);
    assert_eq!(bench.os.adopted.take(), [(5, 0), (6, 0)]);
    assert_eq!(bench.parts.office.serving(1), bench.parts.office.address(1, 1));
    assert_eq!(bench.signal(SIGUSR1, 2000), ["fork 7"]);
    assert_eq!(bench.says(7, Message::Ready, 2100), ["Retire 4", "fork 8"]);
    assert_eq!(bench.ends(5, 0, 9, 5000), ["error #1 5 0 9", "fork 9"]);
    assert_eq!(bench.os.adopted.take(), [(8, 1)], "a successor that is promoted");
}

#[test]
fn the_asker_of_a_lost_task_is_told_if_it_still_lives() {
    let bench = mixed();
    let asker = bench.parts.office.address(0, 0).unwrap();
    let task = crate::server::TaskId { from: asker.number(), number: 7, generation: 4 };
    bench.parts.tasks.posted(0);
    bench.parts.tasks.begin(0, 0, task);
    assert_eq!(
        bench.ends(1, 0, 11, 5000),
        ["post 0 kind 4 flags 2 a 7", "error #1 1 0 11", "fork 5"]
    );
    assert_eq!(bench.parts.tasks.tasking(), 0);
    bench.parts.tasks.begin(0, 0, crate::server::TaskId { generation: 3, ..task });
    assert_eq!(bench.ends(5, 0, 11, 9000), ["error #1 5 0 11", "fork 6"]);
    assert_eq!(
        bench.log.take_lines().last().unwrap(),
        "WARNING task worker #1 (pid 5) was killed by signal 11"
    );
}

#[test]
fn a_successor_that_never_gets_ready_is_given_up() {
    let bench = serving(1);
    assert_eq!(bench.says(1, RECYCLE, 0), ["fork 2"]);
    bench.log.take_lines();
    assert_eq!(bench.deadline(60_000), ["kill -9 2"]);
    assert_eq!(
        bench.log.take_lines(),
        ["WARNING worker #0 (pid 2) was not ready within 60 s: killed"]
    );
    assert_eq!(bench.ends(2, 0, 9, 60_001), [""; 0]);
    assert_eq!(bench.master.worker_pid(0), Some(1));
    assert_eq!(bench.deadline(60_101), ["fork 3"]);
}

#[test]
fn what_replaces_a_dead_process_reads_its_box() {
    let bench = serving(1);
    bench.says(1, RECYCLE, 0);
    bench.says(2, Message::Ready, 10);
    assert_eq!(bench.ends(1, 0, 0, 20), [""; 0]);
    assert_eq!(bench.os.adopted.take(), [(2, 0)]);
    let office = &bench.parts.office;
    assert_eq!((office.serving_lane(0), office.owner(office.address(0, 1).unwrap())), (1, 2));
    assert_eq!(bench.ends(2, 0, 9, 5000), ["error #0 2 0 9", "fork 3"]);
    assert_eq!((office.serving_lane(0), office.owner(office.address(0, 1).unwrap())), (1, 3));
}

#[test]
fn a_worker_is_told_why_it_was_replaced() {
    let bench = serving(1);
    bench.says(1, RECYCLE, 0);
    assert_eq!(bench.says(2, Message::Ready, 1), ["Retire 1"]);
    bench.ends(1, 0, 0, 2);
    bench.signal(SIGUSR1, 3);
    assert_eq!(bench.says(3, Message::Ready, 4), ["Retire 2"]);
    bench.ends(2, 0, 0, 5);
    bench.says(3, Message::Stop { worker_id: 0 }, 6);
    assert_eq!(bench.says(4, Message::Ready, 7), ["Retire 3"]);
    let reasons = bench.os.reasons.borrow();
    assert_eq!(
        *reasons,
        [RecycleReason::MaxRequest, RecycleReason::Reload, RecycleReason::Stopped]
    );
}

#[test]
fn what_a_dead_worker_was_given_waits_in_the_box_of_the_next_one() {
    let bench = serving(1);
    let office = Arc::clone(&bench.parts.office);
    let (first, second) = (office.address(0, 0).unwrap(), office.address(0, 1).unwrap());
    bench.says(1, RECYCLE, 0);
    bench.says(2, Message::Ready, 1);
    assert_eq!((office.serving(0), office.other(second)), (Some(second), Some(first)));
    // The old one gives connections to the second box, also after its reader has died.
    assert_eq!(bench.ends(2, 0, 9, 2000), ["error #0 2 0 9", "fork 3"]);
    assert_eq!((office.serving(0), office.owner(first)), (Some(second), 1));
    assert_eq!(office.behind(first, second), Some(first));
    bench.says(3, Message::Ready, 2001);
    bench.ends(1, 0, 0, 2002);
    assert_eq!(office.behind(first, second), Some(second));
    // Nobody is left of a worker that parks them in its own box: the next one reads it.
    assert_eq!(bench.ends(3, 255, 0, 9000), ["error #0 3 255 0", "fork 4"]);
    assert_eq!((office.serving(0), office.behind(second, second)), (Some(second), Some(second)));
}
