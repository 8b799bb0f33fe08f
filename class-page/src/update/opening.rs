//! Opening the WebSocket.

use crate::effect::Effect;
use crate::state::{Connection, Role, State};

/// The paths of the relay: one for students, one for teachers.
const STUDENTS: &str = "/class";
const TEACHERS: &str = "/class/console";

/// Opens a WebSocket in the place of the one before.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    state.number += 1;
    if !matches!(state.connection, Connection::Lost { .. }) {
        state.connection = Connection::Opening;
    }
    let path = match &state.role {
        Role::Student(_) => STUDENTS,
        Role::Console(_) | Role::Projector(_) => TEACHERS,
    };
    vec![Effect::Open { number: state.number, path }]
}
