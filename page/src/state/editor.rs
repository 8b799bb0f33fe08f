//! The programs that the user is editing.

use framescope_lab::{Experiment, MAX_PROGRAMS, Program, Start, When};

/// The port at which a course's server listens.
const PORT: u16 = 9527;

/// The programs that the user is editing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Editor {
    /// The programs, as they are typed.
    pub programs: Vec<Program>,
    /// Whether each is a server. As long as its text is typed, it stays what it was.
    pub servers: Vec<bool>,
    /// Whether they have changed since they were checked.
    pub is_typing: bool,
}

impl Editor {
    /// An editor of these programs.
    #[must_use]
    pub fn new(programs: Vec<Program>) -> Self {
        let servers = programs.iter().map(listens).collect();
        Self { programs, servers, is_typing: false }
    }

    /// Adds a program without text, if there may be one more.
    pub fn add(&mut self) {
        if self.programs.len() < MAX_PROGRAMS {
            let name = name(self.programs.len());
            self.servers.push(false);
            self.programs.push(Program { file: format!("{name}.py"), name, ..Program::default() });
        }
    }

    /// Removes a program, if one is left then.
    pub fn remove(&mut self, program: usize) {
        if self.programs.len() > 1 && program < self.programs.len() {
            self.programs.remove(program);
            self.servers.remove(program);
        }
    }
}

/// Whether the text makes its program a server: it listens.
pub(super) fn listens(program: &Program) -> bool {
    ["listen(", "create_server(", "TCPServer("].iter().any(|call| program.text.contains(call))
}

/// The name of the program with this index, as a course calls it.
#[must_use]
pub(super) fn name(program: usize) -> String {
    match program {
        0 => "server".to_owned(),
        1 => "client".to_owned(),
        _ => format!("client{program}"),
    }
}

/// An experiment of these programs. Each starts when those before it listen, have ended, or wait.
#[must_use]
pub fn experiment_of(programs: Vec<Program>) -> Experiment {
    let starts = (0..programs.len())
        .map(|program| Start {
            program,
            when: if program == 0 { When::AtOnce } else { When::Settled },
        })
        .collect();
    Experiment { programs, starts, ..Experiment::default() }
}

/// The programs that a visitor finds who has none: a server and a client to begin with.
#[must_use]
pub(super) fn blank_programs() -> Vec<Program> {
    let server = format!(
        "import socket\n\nserver = socket.socket()\nserver.setsockopt(socket.SOL_SOCKET, \
         socket.SO_REUSEADDR, 1)\nserver.bind(('127.0.0.1', {PORT}))\nserver.listen(5)\nconn, addr \
         = server.accept()\ndata = conn.recv(1024)\nprint('client says:', data)\nconn.close()\n\
         server.close()\n"
    );
    let client = format!(
        "import socket\n\nclient = socket.socket()\nclient.connect(('127.0.0.1', \
         {PORT}))\nclient.send(b'hello')\nclient.close()\n"
    );
    [server, client]
        .into_iter()
        .enumerate()
        .map(|(index, text)| {
            let name = name(index);
            Program { file: format!("{name}.py"), name, text, ..Program::default() }
        })
        .collect()
}
