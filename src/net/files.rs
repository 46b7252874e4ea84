//! Files, read and written on threads, for the system cannot say when a file would not block.
//!
//! Threads are made with the first job, never before a fork, and know no PHP. Jobs on one file are
//! done in the order in which they were asked for; what is done is told in the order of the ends.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, PipeReader, PipeWriter, Read, Write},
    os::{
        fd::{AsRawFd, RawFd},
        unix::fs::FileExt,
    },
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

use crate::sys::{descriptor, level};

/// Names a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JobId(u64);

/// What is to be done with a file.
#[derive(Debug)]
pub enum Work {
    /// Reads at most `limit` bytes from `offset` on; fewer only at the end of the file.
    Read {
        /// From here.
        offset: u64,
        /// Bytes.
        limit: usize,
    },
    /// Reads all of it, at most `limit` bytes, as it is when its turn comes.
    ReadAll {
        /// Bytes.
        limit: usize,
    },
    /// Writes at a place.
    Write {
        /// Here.
        offset: u64,
        /// All of it.
        data: Vec<u8>,
    },
    /// Writes at the end, for a file that was opened for that.
    Append {
        /// All of it.
        data: Vec<u8>,
    },
    /// Makes the file consist of this and nothing else.
    Replace {
        /// All of it.
        data: Vec<u8>,
    },
}

/// What a job has brought.
#[derive(Debug, PartialEq, Eq)]
pub enum Done {
    /// The bytes read.
    Read(Vec<u8>),
    /// How many bytes were written.
    Written(usize),
}

/// The file jobs of one process.
#[derive(Debug)]
pub struct Files {
    shared: Arc<Shared>,
    reader: PipeReader,
    threads: Vec<JoinHandle<()>>,
    most: usize,
    last: u64,
    /// The process that made it: a forked child has none of the threads.
    owner: u32,
}

/// The most bytes that jobs not done yet may hold.
pub(super) const WAITING_MAX: usize = 256 << 20;
/// Without a wish, so many threads at most.
pub const THREADS: usize = 2;
/// More are not made, whatever is asked for.
pub(super) const THREADS_MAX: usize = 32;

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    work: Condvar,
    waker: PipeWriter,
}

#[derive(Debug, Default)]
struct State {
    jobs: VecDeque<Job>,
    /// Files that a thread works on.
    busy: Vec<level::Identity>,
    done: VecDeque<(JobId, io::Result<Done>)>,
    /// Bytes of jobs that are not done.
    waiting: usize,
    idle: usize,
    closed: bool,
}

#[derive(Debug)]
struct Job {
    id: JobId,
    file: Arc<File>,
    identity: level::Identity,
    work: Work,
}

impl Files {
    /// No threads yet, and at most `threads` of them (1 to 32).
    ///
    /// # Errors
    /// When the system gives no more descriptors.
    pub fn new(threads: usize) -> io::Result<Files> {
        let (reader, waker) = io::pipe()?;
        descriptor::set_nonblocking(&reader, true)?;
        descriptor::set_nonblocking(&waker, true)?;
        let shared = Shared { state: Mutex::default(), work: Condvar::new(), waker };
        Ok(Files {
            shared: Arc::new(shared),
            reader,
            threads: Vec::new(),
            most: threads.clamp(1, THREADS_MAX),
            last: 0,
            owner: std::process::id(),
        })
    }

    /// Has something done with an open file. What becomes of it comes from
    /// [`poll_done`](Self::poll_done).
    ///
    /// # Errors
    /// `OutOfMemory` when too many bytes wait already (256 MiB); when no thread can be made and
    /// none is running; `EBADF`.
    pub fn submit(&mut self, file: Arc<File>, work: Work) -> io::Result<JobId> {
        let identity = level::identity(&*file)?;
        let mut state = self.shared.lock();
        let size = work.size();
        if state.waiting + size > WAITING_MAX {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        if state.idle <= state.jobs.len() && self.threads.len() < self.most {
            let shared = Arc::clone(&self.shared);
            let spawned = thread::Builder::new()
                .name("tether-files".into())
                .stack_size(256 * 1024)
                .spawn(move || shared.work());
            match spawned {
                Ok(handle) => self.threads.push(handle),
                Err(error) if self.threads.is_empty() => return Err(error),
                Err(_) => {}
            }
        }
        self.last += 1;
        let id = JobId(self.last);
        state.waiting += size;
        state.jobs.push_back(Job { id, file, identity, work });
        drop(state);
        self.shared.work.notify_one();
        Ok(id)
    }

    /// The next job that is done. The loop asks, again and again, when the descriptor is readable.
    pub fn poll_done(&mut self) -> Option<(JobId, io::Result<Done>)> {
        if let Some(done) = self.shared.lock().done.pop_front() {
            return Some(done);
        }
        let mut bytes = [0; 64];
        while matches!((&self.reader).read(&mut bytes), Ok(1..)) {}
        // What was done before the pipe was emptied would not wake the loop again.
        self.shared.lock().done.pop_front()
    }

    /// Forgets a job that no thread has begun; one that was begun goes on. Its result is not told.
    pub fn cancel(&mut self, id: JobId) {
        let mut state = self.shared.lock();
        if let Some(at) = state.jobs.iter().position(|job| job.id == id)
            && let Some(job) = state.jobs.remove(at)
        {
            state.waiting -= job.work.size();
        }
        state.done.retain(|(done, _)| *done != id);
    }
}

impl AsRawFd for Files {
    /// Readable when [`poll_done`](Files::poll_done) has something, edge-triggered too.
    fn as_raw_fd(&self) -> RawFd {
        self.reader.as_raw_fd()
    }
}

impl Drop for Files {
    /// Lets what was begun, and every write, come to its end: the program has said that it be done.
    fn drop(&mut self) {
        if self.owner != std::process::id() {
            use std::os::unix::thread::JoinHandleExt;

            for handle in self.threads.drain(..) {
                // Dropping the handle would detach a thread that is not there.
                let _ = handle.into_pthread_t();
            }
            return;
        }
        let mut state = self.shared.lock();
        state.closed = true;
        state.jobs.retain(|job| !matches!(job.work, Work::Read { .. } | Work::ReadAll { .. }));
        drop(state);
        self.shared.work.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut state = self.lock();
        loop {
            let free = |job: &Job| !state.busy.contains(&job.identity);
            let next = state.jobs.iter().position(free);
            let Some(job) = next.and_then(|at| state.jobs.remove(at)) else {
                if state.closed && state.jobs.is_empty() {
                    return;
                }
                state.idle += 1;
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
                continue;
            };
            let Job { id, file, identity, work } = job;
            state.busy.push(identity);
            drop(state);
            let size = work.size();
            let done = work.carry_out(&file);
            drop(file);
            state = self.lock();
            state.busy.retain(|busy| *busy != identity);
            state.waiting -= size;
            state.done.push_back((id, done));
            // Full: the loop is going to be woken anyway.
            let _ = (&self.waker).write(&[1]);
            // Somebody may wait for this very file.
            self.work.notify_all();
        }
    }
}

impl Work {
    fn size(&self) -> usize {
        match self {
            Work::Read { limit, .. } => *limit,
            // Known only when it is read.
            Work::ReadAll { .. } => 0,
            Work::Write { data, .. } | Work::Append { data } | Work::Replace { data } => data.len(),
        }
    }

    fn carry_out(self, mut file: &File) -> io::Result<Done> {
        match self {
            Work::Read { mut offset, limit } => {
                let mut data = vec![0; limit];
                let mut filled = 0;
                while let Some(room) = data.get_mut(filled..).filter(|room| !room.is_empty()) {
                    match file.read_at(room, offset) {
                        Ok(0) => break,
                        Ok(n) => {
                            filled += n;
                            offset += n as u64;
                        }
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        Err(error) => return Err(error),
                    }
                }
                data.truncate(filled);
                Ok(Done::Read(data))
            }
            Work::ReadAll { limit } => {
                let length = usize::try_from(file.metadata()?.len()).unwrap_or(limit);
                let mut data = Vec::with_capacity(length.min(limit));
                file.take(limit as u64).read_to_end(&mut data)?;
                Ok(Done::Read(data))
            }
            Work::Write { offset, data } => {
                file.write_all_at(&data, offset)?;
                Ok(Done::Written(data.len()))
            }
            Work::Append { data } => {
                file.write_all(&data)?;
                Ok(Done::Written(data.len()))
            }
            Work::Replace { data } => {
                file.set_len(0)?;
                file.write_all_at(&data, 0)?;
                Ok(Done::Written(data.len()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::descriptor::{Events, poll_one};
    use std::fs::OpenOptions;

    fn done(files: &mut Files, id: JobId) -> io::Result<Done> {
        loop {
            match files.poll_done() {
                Some((done, result)) if done == id => return result,
                Some(_) => {}
                None => assert!(poll_one(files, Events::READ, None).unwrap().read),
            }
        }
    }

    #[test]
    fn jobs_on_one_file_keep_their_order_over_several_threads() {
        let folder = std::env::temp_dir();
        let path = folder.join(format!("tether-files-{}", std::process::id()));
        let open = |append: bool| {
            let mut options = OpenOptions::new();
            let options = options.create(true).read(true).append(append).write(!append);
            Arc::new(options.open(&path).unwrap())
        };
        let mut files = Files::new(4).unwrap();
        let mut last = files.submit(open(false), Work::Replace { data: b"x".to_vec() }).unwrap();
        for n in 0..200 {
            let data = format!("{n},").into_bytes();
            last = files.submit(open(true), Work::Append { data }).unwrap();
        }
        assert_eq!(done(&mut files, last).unwrap(), Done::Written(4));
        let read = files.submit(open(false), Work::Read { offset: 0, limit: 1 << 20 }).unwrap();
        let expected: String = (0..200).map(|n| format!("{n},")).collect();
        let expected = Done::Read(format!("x{expected}").into_bytes());
        assert_eq!(done(&mut files, read).unwrap(), expected);
        let write = Work::Write { offset: 0, data: b"yz".to_vec() };
        let write = files.submit(open(false), write).unwrap();
        assert_eq!(done(&mut files, write).unwrap(), Done::Written(2));
        // What was asked for is written even if nobody waits for it.
        files.submit(open(false), Work::Replace { data: b"last".to_vec() }).unwrap();
        drop(files);
        assert_eq!(std::fs::read(&path).unwrap(), b"last");
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn what_cannot_be_done_is_told_and_what_is_too_much_is_refused() {
        let mut files = Files::new(1).unwrap();
        let file = Arc::new(File::open("/dev/null").unwrap());
        let id = files.submit(Arc::clone(&file), Work::Append { data: b"x".to_vec() }).unwrap();
        assert!(done(&mut files, id).is_err());
        let too_much = Work::Read { offset: 0, limit: WAITING_MAX + 1 };
        let refused = files.submit(file, too_much).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::OutOfMemory);
    }
}
