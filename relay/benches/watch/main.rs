//! Measures what it costs a program that its calls are watched, beside the same program alone and under strace.
//!
//! `cargo xtask bench watch` runs it. A Python makes calls on both ends of a connection and prints how long they took. All of
//! them are in networks of their own. The output is the median of the rounds, and its ratio to the program alone.

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    /// How many calls the program makes.
    const CALLS: u32 = 10_000;
    const ROUNDS: usize = 5;

    fn program() -> String {
        format!(
            "import socket, time
listener = socket.create_server(('127.0.0.1', 9527))
client = socket.create_connection(('127.0.0.1', 9527))
server, _ = listener.accept()
begun = time.perf_counter()
for _ in range({}):
    client.send(b'x')
    server.recv(1)
print('took', time.perf_counter() - begun)
",
            CALLS / 2
        )
    }

    pub(super) fn bench() {
        let file = std::env::temp_dir().join(format!("framescope-bench-{}.py", std::process::id()));
        fs::write(&file, program()).expect("the folder for temporary files can be written");
        let own = env!("CARGO_BIN_EXE_framescope");
        let name = file.to_str().expect("the path is UTF-8");
        let alone = ["unshare", "--map-root-user", "--net", "sh", "-c"];
        let lo = |command: &str| format!("ip link set lo up && {command} {name}");
        let [plain, traced] =
            [lo("python3"), lo("strace -f -o /dev/null -e trace=network,read,write,close python3")];
        let ways = [
            ("alone", [&alone[..], &[&plain]].concat()),
            ("watched, without lines", vec![own, "watch", "python3", "-I", "-S", name]),
            ("watched, with lines", vec![own, "watch", name]),
            ("under strace", [&alone[..], &[&traced]].concat()),
        ];
        let mut took = vec![Vec::new(); ways.len()];
        for _ in 0..ROUNDS {
            for ((_, command), took) in ways.iter().zip(&mut took) {
                took.extend(run(command, &file));
            }
        }
        println!("{CALLS} calls, in seconds{:>27} {:>9}", "median", "ratio");
        let reference = median(&mut took[0]);
        for ((name, _), took) in ways.iter().zip(&mut took) {
            let median = median(took);
            println!("{name:<40} {median:>9.3} {:>9.2}", median / reference);
        }
        // It is in the folder for temporary files.
        let _ = fs::remove_file(&file);
    }

    /// How long the program says that its calls took. `None`: this way of running it is not here.
    fn run(command: &[&str], file: &Path) -> Option<f64> {
        let (program, arguments) = command.split_first().expect("there is a program");
        let folder = file.parent().expect("it is in a folder");
        let output = Command::new(program).args(arguments).current_dir(folder).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = text.split("took ").nth(1)?;
        said.split_whitespace().next()?.parse().ok()
    }

    fn median(all: &mut [f64]) -> f64 {
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

fn main() {
    #[cfg(target_os = "linux")]
    linux::bench();
}
