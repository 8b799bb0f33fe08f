//! Any text is refused, or compiles to a program that ends, or stops at a budget. No call of it succeeds.
#![no_main]

use framescope_python::{Answer, Machine, Program, Step, ThreadId};
use framescope_syscall::Returned;
use libfuzzer_sys::fuzz_target;

/// The most operations of a program.
const OPERATIONS: u64 = 50_000;
/// The most steps of a program.
const STEPS: usize = 200;
const ECONNREFUSED: u32 = 111;

/// Each byte of an input that is made of tokens is one of these.
const TOKENS: &str = "\
    ( ) [ ] { } : , ; . = == != < > <= >= := + - * ** / // % @ & | ^ ~ << >> += -= *= -> ... \\ ' \" ''' \"\"\" f' f\" \
    b' r' {x} {x!r:>5} {x=} and as assert async await break class continue def del elif else except False finally for \
    from global if import in is lambda None nonlocal not or pass raise return True try while with yield match case _ \
    x y self f A 0 1 2 -1 7 255 1.5 1e9 0x1f 'a' 'é' b'ab' '%s' '%d' '{}' '' print len range str int bytes list dict \
    tuple set sorted enumerate zip map filter sum min max abs any all bool float bytearray repr isinstance type format \
    round divmod next iter open input super hasattr getattr Exception ValueError TypeError KeyError OSError \
    socket struct time threading json sys os errno random datetime select append join split strip encode decode replace \
    find format items keys values get pop update sort reverse insert index count upper lower startswith endswith \
    to_bytes from_bytes pack unpack calcsize socket() connect ('127.0.0.1',80) bind listen accept recv(4) send sendall \
    close sleep(1) dumps loads Thread start target args Lock Event __init__ __str__ __repr__ __len__ __enter__ __exit__ \
    __name__ '__main__' # （ ， “ é";

/// A text of random tokens.
fn from_tokens(bytes: &[u8]) -> String {
    let tokens: Vec<&str> = TOKENS.split_whitespace().collect();
    let mut text = String::new();
    let mut indentation = 0usize;
    for byte in bytes {
        match byte {
            0..=11 => {
                // The end of a line, and a step of the indentation.
                indentation = match byte {
                    0..=5 => indentation,
                    6..=8 => (indentation + 1).min(8),
                    _ => indentation.saturating_sub(1),
                };
                text.push('\n');
                text.extend(std::iter::repeat_n("    ", indentation));
            }
            byte => {
                text.push_str(tokens[usize::from(byte - 12) % tokens.len()]);
                if byte % 5 != 0 {
                    text.push(' ');
                }
            }
        }
    }
    text
}

/// A text of whole statements, whose expressions call operators, functions and methods.
struct Statements<'a> {
    bytes: &'a [u8],
    text: String,
}

const ATOMS: &str = "x y z self i 0 1 2 3 -1 7 255 65536 2**63 -2**63 10**30 1.5 1e300 -0.0 float('nan') float('inf') '' \
    'a' 'a,b,,c' 'é你😀' '\\tab\\n' b'' b'ab' b'\\x00\\xff' bytearray(b'abc') [] [1,2,3] ['b','a'] () (1,) (1,'a') {} \
    {'a':1} {1,2} set() None True False ... range(5) range(9,0,-2) int str print len ValueError f lambda:0 \
    lambda*a,**k:(a,k) '%s' '%5.2f' '%-8d|' '%x' '{}' '{0!r:>9}' '!IHB' '<hq' '5s' 'utf-8' 'ascii' 'gbk' socket.socket() \
    time.time() threading.Lock() random.random()";
const OPERATORS: &str = "+ - * / // % ** & | ^ << >> == != < > <= >= and or is in";
const FUNCTIONS: &str = "print len range str int float bytes bytearray list dict tuple set sorted reversed enumerate zip map \
    filter sum min max abs any all bool repr hex bin ord chr isinstance type id format round divmod next iter hasattr \
    getattr super f A pow oct hash callable slice struct.pack struct.unpack struct.calcsize struct.unpack_from \
    json.dumps json.loads time.sleep time.strftime time.ctime threading.Thread socket.inet_aton socket.htons \
    socket.gethostbyname select.select random.randint random.choice random.shuffle random.seed sys.exit os.getpid";
const METHODS: &str = "append extend insert pop remove clear index count sort reverse copy get keys values items update \
    setdefault popitem add discard union join split rsplit splitlines strip lstrip rstrip replace find rfind startswith \
    endswith upper lower title capitalize swapcase center ljust rjust zfill expandtabs partition encode decode format \
    isdigit isalpha isalnum isspace translate hex to_bytes bit_length from_bytes fromhex is_integer as_integer_ratio \
    connect bind listen accept send sendall recv close settimeout makefile readline write flush fileno start acquire \
    release m __len__ __class__ __name__ args intersection difference casefold fromkeys maketrans";

impl Statements<'_> {
    fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        *byte
    }

    fn word(&mut self, words: &'static str) {
        let words: Vec<&str> = words.split_whitespace().collect();
        let index = usize::from(self.byte()) % words.len();
        self.text += words[index];
    }

    fn expressions(&mut self, depth: u8) {
        for _ in 0..self.byte() % 4 {
            self.expression(depth);
            self.text += ", ";
        }
    }

    fn within(&mut self, before: &str, after: &str, depth: u8) {
        self.text += before;
        self.expression(depth);
        self.text += after;
    }

    fn expression(&mut self, depth: u8) {
        if depth > 4 {
            return self.word(ATOMS);
        }
        let depth = depth + 1;
        match self.byte() % 24 {
            0..=6 => self.word(ATOMS),
            7..=9 => {
                self.within("(", ") ", depth);
                self.word(OPERATORS);
                self.within(" (", ")", depth);
            }
            10..=12 => {
                self.word(FUNCTIONS);
                self.text += "(";
                self.expressions(depth);
                self.text += ")";
            }
            13..=16 => {
                self.within("(", ").", depth);
                self.word(METHODS);
                self.text += "(";
                self.expressions(depth);
                self.text += ")";
            }
            17 => {
                self.within("(", ")[", depth);
                self.expression(depth);
                self.text += "]";
            }
            18 => {
                self.within("(", ")[", depth);
                self.within("", ":", depth);
                self.within("", ":", depth);
                self.within("", "]", depth);
            }
            19 => {
                self.within("[", " for i in (", depth);
                self.within("", ") if ", depth);
                self.within("", "]", depth);
            }
            20 => {
                self.text += "[";
                self.expressions(depth);
                self.text += "]";
            }
            21 => {
                self.within("{", ": ", depth);
                self.within("", "}", depth);
            }
            22 => {
                self.within("(", " if ", depth);
                self.within("", " else ", depth);
                self.within("", ")", depth);
            }
            _ => self.within("f'{x!r:>4}{", "}'", 9),
        }
    }

    fn block(&mut self, indentation: usize) {
        for _ in 0..=self.byte() % 3 {
            self.statement(indentation + 1);
        }
    }

    fn statement(&mut self, indentation: usize) {
        self.text.extend(std::iter::repeat_n("  ", indentation));
        let kind = if indentation > 4 { self.byte() % 8 } else { self.byte() % 20 };
        match kind {
            0..=1 => self.within("x = ", "\n", 0),
            2 => self.within("y = ", "\n", 0),
            3 => self.within("x += ", "\n", 0),
            4..=5 => self.within("print(", ")\n", 0),
            6 => self.within("x[0:1] = ", "\n", 0),
            7 => self.within("x, *z = ", "\n", 0),
            8 => {
                self.within("if ", ":\n", 0);
                self.block(indentation);
            }
            9 => {
                self.within("while ", ":\n", 0);
                self.block(indentation);
            }
            10..=11 => {
                self.within("for i in ", ":\n", 0);
                self.block(indentation);
            }
            12..=14 => {
                self.text += "try:\n";
                self.block(indentation);
                self.text.extend(std::iter::repeat_n("  ", indentation));
                self.text += "except Exception as e:\n";
                self.block(indentation);
            }
            15 => {
                self.text += "try:\n";
                self.block(indentation);
                self.text.extend(std::iter::repeat_n("  ", indentation));
                self.text += "finally:\n";
                self.block(indentation);
            }
            16 => {
                self.text += "def f(x=1, *y, z=2, **self):\n";
                self.block(indentation);
                self.text.extend(std::iter::repeat_n("  ", indentation + 1));
                self.within("return ", "\n", 0);
            }
            17 => {
                self.text += "def f(x=3):\n";
                self.block(indentation);
                self.text.extend(std::iter::repeat_n("  ", indentation + 1));
                self.within("yield ", "\n", 0);
            }
            18 => {
                self.text += "class A:\n";
                self.text.extend(std::iter::repeat_n("  ", indentation + 1));
                self.text += "def m(self, x=1, y=2):\n";
                self.block(indentation + 1);
            }
            _ => {
                self.within("with ", " as x:\n", 0);
                self.block(indentation);
            }
        }
    }
}

fn from_statements(bytes: &[u8]) -> String {
    let text = "import socket, struct, time, threading, json, sys, os, random, select\nx = y = z = i = self = 1\n";
    let mut statements = Statements { bytes, text: text.to_owned() };
    while !statements.bytes.is_empty() {
        statements.statement(0);
    }
    statements.text
}

fn run(text: String) {
    let program = Program { file: "x.py".to_owned(), text, argv: Vec::new(), process: 1 };
    let mut machine = match Machine::new(&program) {
        Ok(machine) => machine,
        Err(error) => {
            assert!(error.traceback("x.py", &program.text).ends_with('\n'));
            return;
        }
    };
    machine.limit_operations(OPERATIONS);
    let mut answers = vec![(ThreadId(0), Answer::Go)];
    for step in 0..STEPS {
        let Some((thread, answer)) = answers.pop() else { break };
        let answer = match machine.resume(thread, answer) {
            Step::Line(_) | Step::Printed(_) | Step::Paused => Answer::Go,
            Step::Call { .. } => Answer::Returned(Returned::Failed(ECONNREFUSED)),
            Step::Input => Answer::Line((step % 3 != 0).then(|| "12".to_owned())),
            Step::Waits(_) => Answer::Woken(false),
            Step::Started(started) => {
                answers.push((started, Answer::Go));
                Answer::Go
            }
            Step::Ended => continue,
        };
        answers.push((thread, answer));
        if machine.outcome().is_some() {
            break;
        }
    }
    for thread in machine.threads().collect::<Vec<_>>() {
        let _ = machine.variables(thread);
    }
}

fuzz_target!(|bytes: &[u8]| {
    match bytes.split_first() {
        Some((0..64, rest)) => run(from_tokens(rest)),
        Some((64..192, rest)) => run(from_statements(rest)),
        Some((_, rest)) => run(String::from_utf8_lossy(rest).into_owned()),
        None => run(String::new()),
    }
});
