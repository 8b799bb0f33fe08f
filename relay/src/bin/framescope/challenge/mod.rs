//! `framescope challenge`: a server whose messages arrive as badly as TCP allows, and a verdict on each client.
//!
//! What comes in: clients that connect. What goes out: a verdict on each, and an exit code.
//!
//! May use: `language`.

mod report;
mod words;

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context as _, bail};
use clap::Args;
use framescope::challenge::{PATIENCE, greet, play};
use framescope_challenge::{Case, Verdict};
use framescope_framing::HeaderFormat;
use tokio::net::{TcpListener, TcpStream};

use self::words::Words;
use crate::language::Language;

/// The port of the challenge.
pub(crate) const PORT: u16 = 9530;

#[derive(Debug, Args)]
pub(crate) struct ChallengeArgs {
    /// Play this case alone with one client, and exit: 0 if it passes, 1 if not
    #[arg(long, value_name = "NUMBER", value_parser = parse_case)]
    case: Option<Case>,
    /// The seed of the messages and of where they are cut; the same seed repeats a case
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Where to listen
    #[arg(long, value_name = "PORT", default_value_t = PORT)]
    port: u16,
    /// Let clients of other machines connect
    #[arg(long)]
    lan: bool,
    /// The header of every message, as Python's struct writes it: i <i >i !i I <I >I !I
    #[arg(long, value_name = "FORMAT", default_value_t = HeaderFormat::default())]
    header: HeaderFormat,
    /// The language of what is said: en or zh-CN
    #[arg(long, default_value = "en")]
    lang: String,
}

fn parse_case(text: &str) -> Result<Case, String> {
    let number = text.parse().ok();
    number
        .and_then(Case::from_number)
        .ok_or_else(|| format!("a case from 1 to {}", Case::ALL.len()))
}

impl ChallengeArgs {
    /// Plays until every case is passed, or the one that was asked for is over. Returns 0 if all that was played is passed.
    pub(crate) fn run(self) -> anyhow::Result<i32> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.context("cannot start the runtime")?.block_on(self.serve())
    }

    async fn serve(self) -> anyhow::Result<i32> {
        let words = Words(Language::of(&self.lang));
        let ip = if self.lan { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
        let address = SocketAddr::from((IpAddr::from(ip), self.port));
        let listener = TcpListener::bind(address).await;
        let listener = listener.with_context(|| format!("cannot listen on {address}"))?;
        let mut out = io::stdout();
        writeln!(out, "{}\n", words.begin(listener.local_addr()?, self.header.notation()))?;
        let cases = self.case.map_or_else(|| Case::ALL.to_vec(), |case| vec![case]);
        for case in cases {
            let mut last = None;
            while last != Some(Verdict::Passed) {
                let verdict = self.play_one(&listener, case, words).await?;
                // A client that fails in the same way again and again says it once.
                if last.as_ref() != Some(&verdict) {
                    write!(out, "{}", report::text(words, case, self.seed, &verdict))?;
                }
                if verdict != Verdict::Passed && self.case.is_some() {
                    return Ok(1);
                }
                last = Some(verdict);
            }
        }
        if self.case.is_none() {
            writeln!(out, "\n{}", words.all_passed())?;
        }
        Ok(0)
    }

    /// Plays a case with the next client that greets.
    async fn play_one(
        &self,
        listener: &TcpListener,
        case: Case,
        words: Words,
    ) -> anyhow::Result<Verdict> {
        loop {
            let (mut client, _) = listener.accept().await.context("cannot accept a connection")?;
            match greet(&mut client, self.header, PATIENCE).await {
                Ok(_) => return Ok(self.play(&mut client, case).await),
                Err(error) if self.case.is_some() => bail!("{}", words.no_greeting(error)),
                Err(error) => writeln!(io::stdout(), "--  {}", words.no_greeting(error))?,
            }
        }
    }

    async fn play(&self, client: &mut TcpStream, case: Case) -> Verdict {
        play(client, case, self.seed, self.header, PATIENCE).await.verdict
    }
}
