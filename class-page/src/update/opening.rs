//! Opening the WebSocket.

use framescope_protocol::paths;

use crate::effect::Effect;
use crate::state::{Connection, Life, Role, State};

/// How often it is checked whether the relay is there, in milliseconds. A browser tells a page nothing of a connection on which
/// nothing comes.
pub(super) const CHECK_MS: u32 = 10_000;

/// Opens a WebSocket in the place of the one before.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    state.number += 1;
    if !matches!(state.connection, Connection::Lost { .. } | Connection::Refused(_)) {
        state.connection = Connection::Opening;
    }
    let path = match &state.role {
        Role::Student(_) => paths::CLASS,
        Role::Console(_) | Role::Projector(_) => paths::CLASS_CONSOLE,
    };
    state.life = Life::default();
    vec![Effect::Open { number: state.number, path }, Effect::CheckLater(state.number, CHECK_MS)]
}
