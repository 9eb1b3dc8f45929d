//! Calls that have ended, on their way from the background to the language's own thread.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;

/// What has ended since the language's thread looked last. The thread is woken by the first and takes all in one go.
#[derive(Debug, Default)]
pub struct Completions<B>(Mutex<State<B>>);

#[derive(Debug, Default)]
struct State<B> {
    batch: B,
    /// The thread has been woken and has not taken the batch yet.
    is_woken: bool,
}

impl<B: Default> Completions<B> {
    /// Adds to the batch; gives whether the thread must be woken for it, see [`wake_soon`].
    #[must_use]
    pub fn add(&self, add: impl FnOnce(&mut B)) -> bool {
        let mut state = self.lock();
        add(&mut state.batch);
        !std::mem::replace(&mut state.is_woken, true)
    }

    /// Takes the batch.
    pub fn take(&self) -> B {
        let mut state = self.lock();
        state.is_woken = false;
        std::mem::take(&mut state.batch)
    }

    fn lock(&self) -> MutexGuard<'_, State<B>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes the language's thread once everything that is ready in the background has been polled: calls that end together are
/// taken together.
pub fn wake_soon(wake: impl FnOnce() + Send + 'static) {
    match Handle::try_current() {
        Ok(runtime) => drop(runtime.spawn(async move { wake() })),
        Err(_) => wake(),
    }
}

/// Completes a call exactly once: with its result, or with `None` where its task is dropped or panics, so that nobody
/// waits for ever.
pub struct CompletionGuard<T, F: FnOnce(Option<T>)>(Option<F>, std::marker::PhantomData<fn(T)>);

impl<T, F: FnOnce(Option<T>)> CompletionGuard<T, F> {
    /// `complete` is called with the result.
    pub fn new(complete: F) -> Self {
        Self(Some(complete), std::marker::PhantomData)
    }

    /// Completes the call.
    pub fn complete(mut self, result: T) {
        if let Some(complete) = self.0.take() {
            complete(Some(result));
        }
    }
}

impl<T, F: FnOnce(Option<T>)> Drop for CompletionGuard<T, F> {
    fn drop(&mut self) {
        if let Some(complete) = self.0.take() {
            complete(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Arc;
    use std::sync::mpsc::{Sender, channel};
    use std::time::Duration;

    use super::*;
    use crate::background::Background;

    /// A guard that sends what its call completes with.
    fn guard(sender: Sender<Option<u8>>) -> CompletionGuard<u8, impl FnOnce(Option<u8>)> {
        CompletionGuard::new(move |result| sender.send(result).unwrap())
    }

    #[test]
    fn only_the_first_of_a_batch_wakes_the_thread() {
        let completions = Completions::<Vec<u8>>::default();
        assert!(completions.add(|batch| batch.push(1)));
        assert!(!completions.add(|batch| batch.push(2)));
        assert_eq!(completions.take(), [1, 2]);
        assert!(completions.add(|batch| batch.push(3)));
        assert_eq!(completions.take(), [3]);
        assert!(completions.take().is_empty());
    }

    #[test]
    fn calls_that_end_together_are_taken_together() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let completions = Arc::new(Completions::<Vec<u8>>::default());
        let (sender, batches) = channel();
        runtime.block_on(async {
            let calls = [1, 2, 3].map(|number| {
                let (completions, sender) = (completions.clone(), sender.clone());
                tokio::spawn(async move {
                    if completions.add(|batch| batch.push(number)) {
                        wake_soon(move || sender.send(completions.take()).unwrap());
                    }
                })
            });
            for call in calls {
                call.await.unwrap();
            }
            tokio::task::yield_now().await;
        });
        assert_eq!(batches.try_recv().unwrap(), [1, 2, 3]);
        assert!(batches.try_recv().is_err());
    }

    #[test]
    fn a_call_completes_once_with_its_result() {
        let (sender, completions) = channel();
        guard(sender).complete(7);
        assert_eq!(completions.recv(), Ok(Some(7)));
        assert!(completions.recv().is_err());
    }

    #[test]
    fn a_call_whose_task_panics_or_is_stopped_completes_without_a_result() {
        let background = Background::start().unwrap();
        for is_alone in [true, false] {
            let (sender, completions) = channel();
            let panicking = guard(sender.clone());
            let _running = background.run(is_alone, async move {
                let _guard = panicking;
                panic!("of a test");
            });
            assert_eq!(completions.recv_timeout(Duration::from_secs(5)), Ok(None));

            let stopped = guard(sender);
            let running = background.run(is_alone, async move {
                let _guard = stopped;
                pending::<()>().await;
            });
            running.stop();
            assert_eq!(completions.recv_timeout(Duration::from_secs(5)), Ok(None));
        }
    }
}
