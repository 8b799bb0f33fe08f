//! Tests that the workflows of a forge run commands that are there.
//!
//! What comes in: `.github/workflows`. What goes out: nothing; a test fails.

use std::collections::BTreeMap;
use std::fs;

use clap::Parser as _;
use serde::Deserialize;

use crate::Cli;
use crate::cargo::root;

/// A workflow, as far as it is checked.
#[derive(Deserialize)]
struct Workflow {
    permissions: BTreeMap<String, String>,
    jobs: BTreeMap<String, Job>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Job {
    timeout_minutes: u32,
    #[serde(default)]
    needs: Option<String>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    uses: Option<String>,
    run: Option<String>,
    #[serde(default)]
    with: BTreeMap<String, serde_yaml_ng::Value>,
}

fn workflows() -> Vec<(String, Workflow)> {
    let files = fs::read_dir(root().join(".github/workflows")).unwrap();
    let read = files.map(|file| {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let workflow = serde_yaml_ng::from_str(&text);
        (path.display().to_string(), workflow.unwrap_or_else(|error| panic!("{path:?}: {error}")))
    });
    read.collect()
}

/// Each line that a workflow runs.
fn commands() -> Vec<String> {
    let jobs = workflows().into_iter().flat_map(|(_, workflow)| workflow.jobs.into_values());
    let scripts = jobs.flat_map(|job| job.steps).filter_map(|step| step.run);
    scripts.flat_map(|script| script.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn a_workflow_may_change_nothing_unless_a_job_says_so_and_none_runs_for_ever() {
    let all = workflows();
    assert!(all.len() >= 3);
    for (path, workflow) in all {
        assert_eq!(
            workflow.permissions,
            [("contents".to_owned(), "read".to_owned())].into(),
            "{path}"
        );
        for (name, job) in &workflow.jobs {
            assert!(job.timeout_minutes <= 120, "{path}: {name}");
            let known = job.needs.iter().all(|needed| workflow.jobs.contains_key(needed));
            assert!(known, "{path}: {name} needs {:?}", job.needs);
        }
    }
}

#[test]
fn a_step_runs_a_command_or_uses_an_action_of_a_named_version() {
    for (path, workflow) in workflows() {
        for step in workflow.jobs.into_values().flat_map(|job| job.steps) {
            let is_versioned = step.uses.iter().all(|action| action.contains('@'));
            assert!(
                step.uses.is_some() != step.run.is_some() && is_versioned,
                "{path}: {:?}",
                step.uses
            );
        }
    }
}

/// The tests compare with CPython 3.11, and show segments on a wire.
#[test]
fn a_job_that_runs_the_tests_has_what_they_take() {
    let jobs = workflows().into_iter().flat_map(|(path, workflow)| {
        workflow.jobs.into_iter().map(move |(name, job)| (format!("{path}: {name}"), job))
    });
    let mut tested = 0;
    for (name, job) in jobs {
        let runs = |command: &str| {
            job.steps.iter().any(|step| step.run.as_ref().is_some_and(|run| run.contains(command)))
        };
        if !runs(".ci/run") {
            continue;
        }
        tested += 1;
        let python = job.steps.iter().find_map(|step| step.with.get("python-version"));
        assert_eq!(python.and_then(|version| version.as_str()), Some("3.11"), "{name}");
        assert!(runs("apparmor_restrict_unprivileged_userns=0"), "{name}");
    }
    assert_eq!(tested, 2);
}

#[test]
fn the_commands_of_the_workflows_are_commands_of_this_project() {
    let commands = commands();
    let own: Vec<_> = commands.iter().filter(|line| line.starts_with("cargo xtask")).collect();
    assert!(own.len() >= 2, "{commands:?}");
    for line in own {
        let words = line.split_whitespace().skip(2);
        let parsed = Cli::try_parse_from(["cargo xtask"].into_iter().chain(words));
        assert!(parsed.is_ok(), "{line}: {:?}", parsed.err());
    }
}

#[test]
fn the_files_that_the_workflows_name_are_there() {
    let commands = commands();
    let words = commands.iter().flat_map(|line| line.split_whitespace());
    let paths: Vec<_> =
        words.filter(|word| word.starts_with("deploy/") || *word == ".ci/run").collect();
    assert!(paths.contains(&".ci/run") && paths.contains(&"deploy/Dockerfile"), "{paths:?}");
    for path in paths {
        assert!(root().join(path).is_file(), "{path}");
    }
}
