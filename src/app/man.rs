//! `man`: the manual pages, from the declarations of the command line. The closing help of a command becomes sections of
//! its page.

use std::fs;
use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::out;
use crate::request::flags::CommandLine;
use crate::request::generated::ManFlags;

/// Prints the main page, or writes every page.
pub(crate) fn command(flags: &ManFlags) -> Result<Exit, Failure> {
    let mut whole = CommandLine::command().disable_help_subcommand(true);
    whole.build();
    match &flags.directory {
        None => {
            let (_, text) = page(&whole)?;
            out::data(&text)
                .map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))?;
        }
        Some(directory) => {
            fs::create_dir_all(directory)
                .map_err(|error| unwritable(error, "make directory", directory))?;
            write_pages(&whole, directory)?;
        }
    }
    Ok(Exit::Ok)
}

/// Writes the page of a command, and of those below it.
fn write_pages(command: &Command, directory: &Path) -> Result<(), Failure> {
    let (name, text) = page(command)?;
    let path = directory.join(name);
    fs::write(&path, text).map_err(|error| unwritable(error, "write", &path))?;
    command
        .get_subcommands()
        .try_for_each(|below| write_pages(below, directory))
}

fn unwritable(error: std::io::Error, operation: &str, path: &Path) -> Failure {
    Failure::new(Exit::Failed, error).during(format!("{operation} {}", path.display()))
}

/// File name and text of the page of one command.
fn page(command: &Command) -> Result<(String, String), Failure> {
    let man = Man::new(command.clone()).manual("aksreboot manual");
    let name = man.get_filename();
    render(&man, command)
        .and_then(|bytes| String::from_utf8(bytes).map_err(std::io::Error::other))
        .map(|text| (name, text))
        .map_err(|error| Failure::new(Exit::Failed, error).during("render a manual page"))
}

fn render(man: &Man, command: &Command) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    if let Some(closing) = command.get_after_help() {
        sections(&closing.to_string()).to_writer(&mut page)?;
    }
    Ok(page)
}

/// `Title:` and indented lines become a section each, as they stand: clap_mangen would run the lines together under the
/// heading EXTRA.
fn sections(closing: &str) -> Roff {
    let mut roff = Roff::new();
    let mut open = false;
    for line in closing.lines().filter(|line| !line.is_empty()) {
        if let Some(title) = line.strip_suffix(':').filter(|_| !line.starts_with(' ')) {
            if open {
                roff.control("fi", []);
            }
            roff.control("SH", [title.to_uppercase().as_str()]);
            roff.control("nf", []);
            open = true;
        } else {
            roff.text([roman(line.trim_start())]);
        }
    }
    if open {
        roff.control("fi", []);
    }
    roff
}
