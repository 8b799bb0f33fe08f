//! Looking up host names. A name that is never answered holds up nothing else.
//!
//! The system's resolver, getaddrinfo(3), blocks its thread, for half a minute if the name servers are
//! silent. So each look-up has a separate thread. Other look-ups do not wait for it, nor does other blocking
//! work, nor a stop. There are at most as many threads as names. The names are the targets' of the
//! configuration: a client brings none.

use std::collections::{HashMap, hash_map};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::watch;

/// The stack of a look-up's thread, in bytes: modules of the system's resolver may need some.
const STACK: usize = 512 * 1024;

/// How a name is looked up, in a thread that may block.
type LookUp = fn(&str) -> io::Result<Vec<SocketAddr>>;

/// What a look-up has found. `None` while it runs.
type Answer = Option<Result<Arc<[SocketAddr]>, Arc<io::Error>>>;

/// Looks up names. A name is looked up once at a time: clients that ask for it meanwhile wait for the same
/// answer.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    look_up: LookUp,
    under_way: Arc<Mutex<HashMap<String, watch::Receiver<Answer>>>>,
}

impl Resolver {
    pub(crate) fn new() -> Self {
        Self::with(|address| address.to_socket_addrs().map(Iterator::collect))
    }

    fn with(look_up: LookUp) -> Self {
        Self { look_up, under_way: Arc::default() }
    }

    /// The addresses of `HOST:PORT`. The caller sets the time limit. A look-up runs on without its caller,
    /// and answers the next one.
    ///
    /// # Errors
    ///
    /// What the system's resolver says, or that no thread is available.
    pub(crate) async fn resolve(&self, address: &str) -> io::Result<Arc<[SocketAddr]>> {
        if let Ok(address) = address.parse() {
            return Ok(Arc::from([address]));
        }
        loop {
            let mut answers = self.answers(address)?;
            // A look-up that panicked has no answer: the name is looked up again.
            if let Ok(answer) = answers.wait_for(Option::is_some).await
                && let Some(answer) = &*answer
            {
                return answer.clone().map_err(|error| io::Error::new(error.kind(), error));
            }
        }
    }

    /// The answers of the look-up that runs, or of one that begins now.
    fn answers(&self, address: &str) -> io::Result<watch::Receiver<Answer>> {
        let (sender, answers) = watch::channel(None);
        match self.under_way().entry(address.to_owned()) {
            hash_map::Entry::Occupied(running) => return Ok(running.get().clone()),
            hash_map::Entry::Vacant(entry) => entry.insert(answers.clone()),
        };
        let entry = Entry { address: address.to_owned(), of: self.clone() };
        let look_up = self.look_up;
        let thread = thread::Builder::new().name("look-up".to_owned()).stack_size(STACK);
        thread.spawn(move || {
            let answer = look_up(&entry.address).map(Arc::from).map_err(Arc::new);
            // Callers from now on start another look-up.
            drop(entry);
            sender.send_replace(Some(answer));
        })?;
        Ok(answers)
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<String, watch::Receiver<Answer>>> {
        // Nothing panics while it holds the lock.
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A look-up that is under way, until it is dropped.
struct Entry {
    address: String,
    of: Resolver,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.of.under_way().remove(&self.address);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::task::JoinSet;
    use tokio::time::timeout;

    use super::*;

    const FOUND: [u8; 4] = [192, 0, 2, 1];

    #[tokio::test]
    async fn names_that_never_answer_take_one_thread_each_and_hold_up_no_other_name() {
        const DEAD_NAMES: usize = 100;
        static LOOKED_UP: AtomicUsize = AtomicUsize::new(0);
        let resolver = Resolver::with(|address| {
            LOOKED_UP.fetch_add(1, Ordering::Relaxed);
            if address.starts_with("dead") {
                loop {
                    thread::park();
                }
            }
            Ok(vec![(FOUND, 7000).into()])
        });
        let mut waiting = JoinSet::new();
        for number in 0..DEAD_NAMES * 10 {
            let resolver = resolver.clone();
            let name = format!("dead{}.example:1", number % DEAD_NAMES);
            waiting.spawn(async move { resolver.resolve(&name).await });
        }
        while LOOKED_UP.load(Ordering::Relaxed) < DEAD_NAMES {
            tokio::task::yield_now().await;
        }
        let found = timeout(Duration::from_mins(1), resolver.resolve("live.example:7000"));
        assert_eq!(*found.await.unwrap().unwrap(), [(FOUND, 7000).into()]);
        assert_eq!(LOOKED_UP.load(Ordering::Relaxed), DEAD_NAMES + 1);
        assert_eq!(resolver.under_way().len(), DEAD_NAMES);
        assert!(waiting.try_join_next().is_none());
    }

    #[tokio::test]
    async fn an_error_and_a_panic_are_not_kept_for_the_next_caller() {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        let resolver = Resolver::with(|_| match CALLS.fetch_add(1, Ordering::Relaxed) {
            0 => Err(io::Error::new(io::ErrorKind::NotFound, "no such name")),
            1 => panic!("this is the panic of the test"),
            _ => Ok(vec![(FOUND, 1).into()]),
        });
        let error = resolver.resolve("a.example:1").await.unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string()),
            (io::ErrorKind::NotFound, "no such name".into())
        );
        assert_eq!(*resolver.resolve("a.example:1").await.unwrap(), [(FOUND, 1).into()]);
    }

    #[tokio::test]
    async fn an_address_needs_no_look_up() {
        let resolver = Resolver::with(|_| unreachable!("an address is not looked up"));
        assert_eq!(*resolver.resolve("[::1]:80").await.unwrap(), ["[::1]:80".parse().unwrap()]);
    }
}
