//! Obeys commands, and runs programs for a while.

use std::collections::VecDeque;

use framescope_engine::programs::{Programs, Session, go_on};
use framescope_engine::sockets::SimulatedKernel;
use framescope_lab::{Command, Report};

/// Runs what the page commands on the simulated kernel.
#[derive(Debug)]
pub(crate) struct Runner {
    session: Session<Programs<SimulatedKernel>>,
    /// The reports that were not taken.
    reports: VecDeque<Report>,
}

impl Runner {
    pub(crate) fn new() -> Self {
        Self { session: Session::new(SimulatedKernel::new), reports: VecDeque::new() }
    }

    /// Begins what an encoded command says. If it says nothing, the experiment ends.
    pub(crate) fn obey(&mut self, command: &[u8]) {
        match Command::decode(command) {
            Ok(command) => self.session.command(command),
            Err(error) => {
                self.reports.extend(self.session.take_reports());
                self.session = Session::new(SimulatedKernel::new);
                self.reports.push_back(Report::Failed(error.to_string()));
            }
        }
    }

    /// Lets programs go on until nothing moves, or until the time is over. Returns whether anything moves
    /// still. Something happens even if the time is over at once.
    pub(crate) fn go_on(&mut self, mut is_time_over: impl FnMut() -> bool) -> bool {
        let mut moves = true;
        while moves {
            moves = go_on(&mut self.session);
            if is_time_over() {
                break;
            }
        }
        self.reports.extend(self.session.take_reports());
        moves
    }

    /// The next report.
    pub(crate) fn take_report(&mut self) -> Option<Report> {
        self.reports.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use framescope_lab::{Event, EventKind, Experiment, Program, RunEnd, Start, Until, When};

    const SERVER: &str = "\
import socket
server = socket.create_server(('127.0.0.1', 9527))
conn, addr = server.accept()
print('server:', conn.recv(1024))
";
    const CLIENT: &str = "\
import socket
client = socket.create_connection(('127.0.0.1', 9527))
client.sendall(b'hello')
print('client: sent')
";
    const SPINS: &str = "while True: pass\n";

    /// A runner that has loaded these programs and plays them.
    fn playing(texts: &[&str]) -> Runner {
        let mut runner = Runner::new();
        runner.obey(&load(texts));
        runner.obey(&Command::Play.encode());
        runner
    }

    fn load(texts: &[&str]) -> Vec<u8> {
        let programs = texts.iter().enumerate().map(|(index, text)| Program {
            name: format!("program{index}"),
            file: format!("program{index}.py"),
            text: (*text).to_owned(),
            ..Program::default()
        });
        let starts = (0..texts.len()).map(|program| Start { program, when: When::Settled });
        let (programs, starts) = (programs.collect(), starts.collect());
        Command::Load(Experiment { programs, starts, ..Experiment::default() }).encode()
    }

    /// Lets programs go on to the end, in the shortest slices.
    fn finish(runner: &mut Runner) -> Vec<Report> {
        while runner.go_on(|| true) {}
        take_reports(runner)
    }

    fn take_reports(runner: &mut Runner) -> Vec<Report> {
        std::iter::from_fn(|| runner.take_report()).collect()
    }

    fn events(reports: &[Report]) -> Vec<&Event> {
        let batches = reports.iter().filter_map(|report| match report {
            Report::Events(events) => Some(events),
            Report::Loaded(_)
            | Report::Network(_)
            | Report::Over(_)
            | Report::Failed(_)
            | Report::Next(_)
            | Report::Rests => None,
        });
        batches.flatten().collect()
    }

    fn printed(reports: &[Report]) -> String {
        let texts = events(reports).into_iter().filter_map(|event| {
            let EventKind::Printed(output) = &event.kind else { return None };
            Some(output.text.as_str())
        });
        texts.collect()
    }

    #[test]
    fn programs_run_to_their_ends_in_slices() {
        let reports = finish(&mut playing(&[SERVER, CLIENT]));
        assert_eq!(reports.first(), Some(&Report::Loaded(Vec::new())));
        assert_eq!(reports.last(), Some(&Report::Over(RunEnd::Finished)));
        let mut lines: Vec<_> = printed(&reports).lines().map(str::to_owned).collect();
        lines.sort();
        assert_eq!(lines, ["client: sent", "server: b'hello'"]);
    }

    #[test]
    fn the_length_of_the_slices_changes_nothing() {
        let mut runner = playing(&[SERVER, CLIENT]);
        assert!(!runner.go_on(|| false));
        let long = take_reports(&mut runner);
        let short = finish(&mut playing(&[SERVER, CLIENT]));
        assert_eq!(events(&long), events(&short));
    }

    #[test]
    fn a_slice_ends_when_its_time_is_over_though_a_program_spins() {
        let mut runner = playing(&[SPINS]);
        let mut looks = 0;
        let moves = runner.go_on(|| {
            looks += 1;
            looks == 10
        });
        assert!(moves);
        assert_eq!(looks, 10);
    }

    #[test]
    fn a_step_after_which_all_wait_ends_with_that_nothing_happens_by_itself() {
        for (text, steps) in [(SERVER, 4), ("input()\n", 2)] {
            let mut runner = Runner::new();
            runner.obey(&load(&[text]));
            for step in 0..=steps {
                let reports = finish(&mut runner);
                assert!(reports.contains(&Report::Rests), "step {step}: {reports:?}");
                runner.obey(&Command::StepNext(Until::Line).encode());
            }
            assert_eq!(finish(&mut runner), [], "it waits for ever, and that was said");
        }
    }

    #[test]
    fn commands_are_obeyed_between_slices() {
        let mut runner = playing(&[SPINS]);
        assert!(runner.go_on(|| true));
        runner.obey(&Command::Interrupt(0).encode());
        assert!(printed(&finish(&mut runner)).ends_with("KeyboardInterrupt\n"));

        let mut runner = playing(&[SPINS]);
        assert!(runner.go_on(|| true));
        runner.obey(&load(&["print('other')\n"]));
        runner.obey(&Command::Play.encode());
        let reports = finish(&mut runner);
        assert_eq!(printed(&reports), "other\n");
        assert_eq!(reports.last(), Some(&Report::Over(RunEnd::Finished)));
    }

    #[test]
    fn bytes_that_are_no_command_end_the_experiment_with_a_sentence() {
        let mut runner = playing(&[SPINS]);
        assert!(runner.go_on(|| true));
        take_reports(&mut runner);
        runner.obey(b"\xff");
        let reports = finish(&mut runner);
        let [Report::Failed(why)] = &reports[..] else { panic!("{reports:?}") };
        assert!(why.starts_with("this is not a command"), "{why}");
        runner.obey(&Command::Play.encode());
        assert_eq!(finish(&mut runner), []);
    }
}
