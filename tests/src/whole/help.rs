//! Reading what a program says of its own words: the help that clap prints.

use std::collections::BTreeSet;

/// The commands that a help lists, but for `help` itself.
#[must_use]
pub fn commands_of(help: &str) -> Vec<&str> {
    let list = help.split_once("Commands:\n").map_or("", |(_, list)| list);
    list.lines()
        .take_while(|line| !line.is_empty())
        // What is said of a command may stand on lines of its own, further in.
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect()
}

/// The options that a help lists, by their long names.
#[must_use]
pub fn options_of(help: &str) -> BTreeSet<String> {
    help.lines()
        .map(str::trim_start)
        .filter_map(|line| match line.split_once(", ") {
            // A short name before the long one.
            Some((short, long)) if short.len() == 2 => option_in(long),
            _ => option_in(line),
        })
        .collect()
}

/// The long option that a text begins with.
#[must_use]
pub fn option_in(text: &str) -> Option<String> {
    let name: String = text
        .strip_prefix("--")?
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    (!name.is_empty()).then(|| format!("--{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_options_are_told_from_what_is_said_of_them() {
        let help = "Reads and writes\n\nUsage: it [OPTIONS] <COMMAND>\n\nCommands:\n  read\n          Reads: see --wait\n  \
                    write  Writes\n  help   Print this\n\nOptions:\n      --wait <SECONDS>\n          How long\n\n  -h, \
                    --help  Print help\n";
        assert_eq!(commands_of(help), ["read", "write"]);
        let options = ["--help", "--wait"].map(str::to_owned);
        assert_eq!(options_of(help), BTreeSet::from(options));
        assert!(commands_of("Usage: it\n\nOptions:\n  -h, --help  Print help\n").is_empty());
    }
}
