//! The texts of the page, as it fetches them: a file for each language, and one for each lesson and language. And the
//! recorded traces of the lessons.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

use crate::lesson_folders::lesson_folders;

/// What the page calls a language: the names of its files.
const LANGUAGES: [&str; 2] = ["en", "zh-CN"];

/// The texts of a lesson's variant, in its `texts.json`.
#[derive(Deserialize)]
struct LessonTexts {
    title: String,
    question: String,
    choices: Vec<String>,
    explanation: String,
}

/// Adds the titles of the lessons to the files in `page/locales` and `page/class`, and writes `page/lessons`.
pub(crate) fn write(page: &Path) -> anyhow::Result<()> {
    let lessons = page.join("lessons");
    fs::create_dir(&lessons)?;
    let mut titles: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    for (variant, folder) in lesson_folders()? {
        fs::copy(folder.join("recorded.json"), lessons.join(format!("{variant}.recorded.json")))
            .with_context(|| format!("{} has no recorded.json", folder.display()))?;
        let programs = programs(&folder)?;
        let mut texts: BTreeMap<String, LessonTexts> = read(&folder.join("texts.json"))?;
        for language in LANGUAGES {
            let of_language = texts.remove(language);
            let texts =
                of_language.with_context(|| format!("lesson {variant} has no {language}"))?;
            titles.entry(language).or_default().insert(format!("title-{variant}"), texts.title);
            let mut file = programs.clone();
            file.insert("question".to_owned(), texts.question);
            file.insert("explanation".to_owned(), texts.explanation);
            let choices = (1..).zip(texts.choices);
            file.extend(choices.map(|(number, text)| (format!("choice-{number}"), text)));
            fs::write(
                lessons.join(format!("{variant}.{language}.json")),
                serde_json::to_string(&file)?,
            )?;
        }
    }
    for (language, titles) in titles {
        for folder in ["locales", "class"] {
            let path = page.join(format!("{folder}/{language}.json"));
            let mut texts: BTreeMap<String, String> = read(&path)?;
            texts.extend(titles.clone());
            fs::write(path, serde_json::to_string(&texts)?)?;
        }
    }
    Ok(())
}

/// The programs of a lesson's folder: their texts, by the names of their files.
fn programs(folder: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut programs = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "py")
            && let Some(file) = path.file_name().and_then(|file| file.to_str())
        {
            programs.insert(file.to_owned(), fs::read_to_string(&path)?);
        }
    }
    Ok(programs)
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> anyhow::Result<T> {
    let json =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&json).with_context(|| format!("cannot read {}", path.display()))
}
