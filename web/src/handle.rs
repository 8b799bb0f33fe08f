//! A weak handle to the app for callbacks. It keeps nothing alive.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use framescope_page::msg::Msg;
use framescope_page::state::State;

/// Sends messages to the app and reads its state.
#[derive(Clone)]
pub(crate) struct Handle {
    state: Weak<RefCell<State>>,
    send: Rc<dyn Fn(Msg)>,
}

impl Handle {
    /// `send` must hold only a weak reference to the owner of this handle's callbacks. A strong one
    /// would be a cycle.
    pub(crate) fn new(state: &Rc<RefCell<State>>, send: impl Fn(Msg) + 'static) -> Self {
        Self { state: Rc::downgrade(state), send: Rc::new(send) }
    }

    /// Sends a message to the app.
    pub(crate) fn send(&self, msg: Msg) {
        (self.send)(msg);
    }

    /// Reads the state. `None` if the app has been dropped, or is in an update.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&State) -> T) -> Option<T> {
        let state = self.state.upgrade()?;
        let state = state.try_borrow().ok()?;
        Some(read(&state))
    }
}
