//! Opening the WebSocket.

use framescope_protocol::paths;

use crate::effect::Effect;
use crate::state::{Connection, Role, State};

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
    vec![Effect::Open { number: state.number, path }]
}
