//! What callbacks hold of the program: it keeps nothing alive.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use framescope_page::msg::Msg;
use framescope_page::state::State;

/// A way to say that something happened, and to look at the model.
#[derive(Clone)]
pub(crate) struct Handle {
    state: Weak<RefCell<State>>,
    send: Rc<dyn Fn(Msg)>,
}

impl Handle {
    /// `send` must hold no more than a weak reference to what owns this handle's callbacks.
    pub(crate) fn new(state: &Rc<RefCell<State>>, send: impl Fn(Msg) + 'static) -> Self {
        Self { state: Rc::downgrade(state), send: Rc::new(send) }
    }

    /// Says that something happened.
    pub(crate) fn send(&self, msg: Msg) {
        (self.send)(msg);
    }

    /// Reads the model, to make a message out of an event.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&State) -> T) -> Option<T> {
        let state = self.state.upgrade()?;
        let state = state.try_borrow().ok()?;
        Some(read(&state))
    }
}
