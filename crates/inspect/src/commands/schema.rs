//! `icecore schema`: what the documents of all commands may hold.

use std::io::Write as _;

use serde_json::{Map, Value, json};

use super::{COMMANDS, Run};
use crate::answer;
use crate::arguments::OutputOptions;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::output::Raw;

/// Arguments of `schema`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only the documents of this command, such as `ps` or `mem pages`
    #[arg(value_name = "COMMAND", num_args = 0..=2)]
    command: Vec<String>,
    #[command(flatten)]
    output: OutputOptions,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &["schema", "schema mem pages"];

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let wanted = self.command.join(" ");
        let mut documents = documents();
        if !wanted.is_empty() {
            documents.retain(|(command, _)| *command == wanted);
            if documents.is_empty() {
                return Err(Error::Usage(format!("`{wanted}` is no command that gives documents of JSON")));
            }
        }
        let mut raw = Raw::open(io, &self.output, &[])?;
        let mut text = String::new();
        lay_out(&schema(documents), 0, &mut text);
        text.push('\n');
        raw.write_all(text.as_bytes()).map_err(|error| raw.error(error))?;
        raw.finish()?;
        Ok(Exit::Done)
    }
}

/// The schema of every document, by the words of its command.
fn documents() -> Vec<(String, Value)> {
    COMMANDS.iter().flat_map(|command| command.answer.schemas(command.name)).collect()
}

/// One schema for all of these: a document of any of the commands, or an array of such.
fn schema(documents: Vec<(String, Value)>) -> Value {
    let any: Vec<Value> = documents.iter().map(|(command, _)| reference(command)).collect();
    let own = [("diagnostic".to_owned(), answer::diagnostic())];
    let definitions: Map<String, Value> = own.into_iter().chain(documents).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The documents that icecore writes with --format json",
        "description": "One document for one container, an array of them for several. A definition is named by its command.",
        "anyOf": [{"anyOf": any}, {"type": "array", "items": {"anyOf": any}}],
        "$defs": definitions,
    })
}

fn reference(command: &str) -> Value {
    // A space is no part of a reference.
    json!({"$ref": format!("#/$defs/{}", command.replace(' ', "%20"))})
}

/// The longest value that stands on one line.
const WIDTH: usize = 110;

/// Writes a value: on one line if it is short, else its parts each on a line of their own.
fn lay_out(value: &Value, depth: usize, text: &mut String) {
    let flat = value.to_string();
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(map) => {
            map.iter().map(|(key, part)| (format!("{}:", Value::from(key.as_str())), part)).collect()
        }
        Value::Array(list) => list.iter().map(|part| (String::new(), part)).collect(),
        _ => Vec::new(),
    };
    if flat.len() <= WIDTH || parts.is_empty() {
        return text.push_str(&flat);
    }
    let (open, close) = if value.is_object() { ('{', '}') } else { ('[', ']') };
    let new_line = |depth: usize| format!("\n{}", " ".repeat(depth));
    text.push(open);
    for (position, (key, part)) in parts.iter().enumerate() {
        text.push_str(if position > 0 { "," } else { "" });
        text.push_str(&new_line(depth.saturating_add(1)));
        text.push_str(key);
        lay_out(part, depth.saturating_add(1), text);
    }
    text.push_str(&new_line(depth));
    text.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;
    use crate::output::table::Audience;
    use crate::sections::SECTIONS;

    #[test]
    fn every_command_with_formats_says_what_it_answers() {
        for command in COMMANDS {
            let clap = command.to_clap();
            let has_format =
                |it: &clap::Command| it.get_arguments().any(|argument| argument.get_id() == "format");
            // A manifest is always JSON.
            let is_json = command.name == "extract";
            let formats = is_json || has_format(&clap) || clap.get_subcommands().any(has_format);
            let answers = !matches!(command.answer, Answer::Raw);
            assert_eq!(formats, answers, "{}: the constant ANSWER", command.name);
        }
    }

    #[test]
    fn every_column_for_machines_says_what_stands_in_it() {
        let lists = SECTIONS.iter().flat_map(|section| section.lists()).map(|list| list.table);
        let of_commands = COMMANDS.iter().flat_map(|command| tables(command.answer));
        for table in lists.chain(of_commands) {
            for column in table.columns.iter().filter(|column| column.audience != Audience::People) {
                let place = (table.name, column.key);
                assert!(
                    column.kind != crate::output::Kind::Any,
                    "{place:?} has no kind: use Column::count …"
                );
            }
        }
    }

    fn tables(answer: Answer) -> Vec<&'static crate::output::Table<'static>> {
        match answer {
            Answer::Lists(tables) => tables.to_vec(),
            Answer::Each(answers) => answers.iter().flat_map(|(_, answer)| tables(*answer)).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn short_values_stand_on_a_line_and_nothing_is_lost() {
        let long = "x".repeat(WIDTH);
        let value = json!({"a": [1, "q\"", null], "b": {"c": long, "d": [long, {}]}});
        let mut text = String::new();
        lay_out(&value, 0, &mut text);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert_eq!(text.lines().nth(1), Some(r#" "a":[1,"q\"",null],"#));
        assert_eq!(text.lines().last(), Some("}"));
    }

    #[test]
    fn references_lead_to_definitions() {
        let schema = schema(documents());
        let defined = schema["$defs"].as_object().unwrap();
        assert!(defined.contains_key("mem pages") && defined.contains_key("diagnostic"));
        for reference in schema["anyOf"][0]["anyOf"].as_array().unwrap() {
            let name = reference["$ref"].as_str().unwrap().strip_prefix("#/$defs/").unwrap();
            assert!(defined.contains_key(&name.replace("%20", " ")), "{name}");
        }
    }
}
