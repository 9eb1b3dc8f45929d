//! The thread of the journal in this process, also where the process is the child of a fork.
//!
//! A lock that another thread holds while this one forks stays held in the child for ever. So there is none: who starts or
//! stops the thread leaves its process's number in an atomic, and in a child that number is of nobody.

use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use arc_swap::ArcSwapOption;

use crate::error::JournalError;
use crate::store::Location;
use crate::worker::{Job, Recurring, Worker};

const GLANCE: Duration = Duration::from_micros(100);

/// Where a journal is, and the thread that has it open.
pub struct Slot {
    location: Arc<Location>,
    /// Of this process, or of the parent that this process was forked from.
    worker: ArcSwapOption<Worker>,
    /// The process that starts or stops its thread right now; zero where none does.
    changing: AtomicU32,
}

impl Slot {
    pub fn new(location: Location) -> Self {
        Self {
            location: Arc::new(location),
            worker: ArcSwapOption::empty(),
            changing: AtomicU32::new(0),
        }
    }

    /// Hands a job to the thread of this process, which is started where it is not there.
    pub fn run(&self, job: Box<dyn Job>) {
        match self.worker() {
            Ok(worker) => worker.run(job),
            Err(error) => {
                job.done(Err(error));
            }
        }
    }

    /// Has something done again and again by the thread of this process.
    pub fn repeat(&self, recurring: Box<dyn Recurring>) {
        // Where there is no thread, the job that this belongs to has said so.
        if let Ok(worker) = self.worker() {
            worker.repeat(recurring);
        }
    }

    /// The thread of this process. Nobody keeps it for longer than it takes to hand over a job.
    pub fn worker(&self) -> Result<Arc<Worker>, JournalError> {
        if let Some(worker) = self.of_this_process()? {
            return Ok(worker);
        }
        self.lock();
        let worker = self.start();
        self.unlock();
        worker
    }

    fn of_this_process(&self) -> Result<Option<Arc<Worker>>, JournalError> {
        let Some(worker) = self.worker.load_full() else { return Ok(None) };
        if worker.process_number == std::process::id() {
            return Ok(Some(worker));
        }
        // The thread is the parent's, and so may be every lock in it.
        mem::forget(worker);
        if self.location.may_be_open_at_fork() {
            return Ok(None);
        }
        Err(JournalError::unusable(
            "was open while this process was forked by something other than Python's `os.fork`, and a file cannot be used on \
             both sides of that: open the journal in the child, or close it before",
        ))
    }

    fn start(&self) -> Result<Arc<Worker>, JournalError> {
        if let Some(worker) = self.of_this_process()? {
            return Ok(worker);
        }
        let worker = Arc::new(Worker::start(self.location.clone())?);
        mem::forget(self.worker.swap(Some(worker.clone())));
        Ok(worker)
    }

    /// Writes what is left and closes the connection; it is open again with the next job.
    pub fn close(&self) {
        self.lock();
        self.stop();
        self.unlock();
    }

    /// Closes a file until [`Slot::after_fork_in_parent`], and keeps others from opening it.
    pub fn before_fork(&self) {
        self.lock();
        if !self.location.may_be_open_at_fork() {
            self.stop();
        }
    }

    /// The child needs no such call: it finds the lock to be another's.
    pub fn after_fork_in_parent(&self) {
        self.unlock();
    }

    fn stop(&self) {
        let Some(mut worker) = self.worker.swap(None) else { return };
        if worker.process_number != std::process::id() {
            return mem::forget(worker);
        }
        // Whoever has just asked for it hands over its job first.
        let worker = loop {
            match Arc::try_unwrap(worker) {
                Ok(worker) => break worker,
                Err(shared) => worker = shared,
            }
            thread::sleep(GLANCE);
        };
        worker.stop();
    }

    fn lock(&self) {
        let this = std::process::id();
        loop {
            let holder = self.changing.load(Ordering::Acquire);
            let is_free = holder != this;
            let take = || {
                self.changing.compare_exchange(holder, this, Ordering::AcqRel, Ordering::Acquire)
            };
            if is_free && take().is_ok() {
                return;
            }
            thread::sleep(GLANCE);
        }
    }

    fn unlock(&self) {
        self.changing.store(0, Ordering::Release);
    }
}
