//! Reads the arguments, the environment variables, and the configuration file.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{FromArgMatches as _, Id};

use crate::cli::{Cli, Unsaid, command};
use crate::config_file;

/// Reads the command line. A flag wins over a variable, and a variable over the configuration file.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, ParseError> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let given = arguments.len();
    let said = command().try_get_matches_from(&arguments)?;
    let path = said.get_one::<PathBuf>("config").filter(|_| said.subcommand().is_none());
    if let Some(path) = path {
        // A default value is one that neither a flag nor a variable has set.
        let is_unsaid = |id: &Id| {
            matches!(said.value_source(id.as_str()), None | Some(ValueSource::DefaultValue))
        };
        let file = config_file::read(path)?.into_iter();
        let file = file.filter(|option| is_unsaid(&option.id));
        // In front: after `--` an argument is no option.
        arguments.splice(1..1, file.flat_map(|option| option.arguments));
    }
    let said = command().try_get_matches_from(arguments)?;
    let mut cli = Cli::from_arg_matches(&said)?;
    cli.unsaid = Unsaid::new(&said, given);
    Ok(cli)
}

/// Why the arguments give nothing to run. `--help` is one of clap's errors.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ParseError {
    #[error(transparent)]
    Clap(#[from] clap::Error),
    #[error(transparent)]
    File(#[from] config_file::FileError),
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use proptest::prelude::*;

    use super::*;
    use crate::cli::one_sentence;
    use crate::config_file::tests::{key, quoted, value};

    proptest! {
        #[test]
        fn any_bytes_of_a_file_are_followed_or_refused_in_one_line_that_names_it(
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..64),
                prop::collection::vec((key(), value()), 0..6).prop_map(|lines| {
                    let lines = lines.iter().map(|(key, value)| format!("{} = {value}\n", quoted(key)));
                    lines.collect::<String>().into_bytes()
                }),
            ],
        ) {
            let path = env::temp_dir().join(format!("framescope-{}.toml", process::id()));
            fs::write(&path, bytes).unwrap();
            let arguments = ["framescope".into(), "--config".into(), path.clone().into()];
            let parsed = parse(arguments);
            fs::remove_file(&path).unwrap();
            let (error, named) = match parsed {
                Ok(_) => return Ok(()),
                Err(ParseError::File(error)) => (error.to_string(), path.to_str().unwrap()),
                // One of two options that belong together. The other may come from anywhere.
                Err(ParseError::Clap(error)) => (one_sentence(error), "--tls-"),
            };
            prop_assert!(!error.chars().any(char::is_control), "{error:?}");
            prop_assert!(error.contains(named), "{error:?}");
        }
    }
}
