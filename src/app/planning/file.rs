//! Plans as files: written by `plan --out`, read by `roll --plan`.

use std::path::Path;

use crate::core::plan::{Plan, read};
use crate::edge::files;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::format::json;
use crate::request::planning::RollRequest;
use crate::request::roll::RollFlags;

/// A plan of the largest cluster, with the names of all its pods, is a tenth of that.
const LARGEST: u64 = 256 << 20;

/// What a roll was asked for, by its flags or by the plan that they name.
pub(in crate::app) fn request_of(flags: &RollFlags) -> Result<RollRequest, Failure> {
    match &flags.plan {
        None => RollRequest::settle(&flags.planning),
        Some(path) => RollRequest::of_plan(&flags.planning, read_plan(path)?.spec),
    }
}

fn read_plan(path: &Path) -> Result<Plan, Failure> {
    let name = path.display();
    let text = files::read_whole(path, LARGEST).map_err(|error| {
        Failure::new(Exit::Usage, error)
            .during(format!("read the plan {name}"))
            .hint("aksreboot plan --out FILE writes one")
    })?;
    read(&text).map_err(|error| {
        Failure::new(Exit::Refused, error)
            .during(format!("read the plan {name}"))
            .hint("nothing was changed; make a new plan, and read it: aksreboot plan --out FILE")
    })
}

/// Refuses a place that could not be written, before the work is done.
pub(in crate::app) fn could_write(path: &Path) -> Result<(), Failure> {
    files::could_write(path).map_err(|error| unwritten(path, error))
}

pub(in crate::app) fn write_plan(path: &Path, plan: &Plan) -> Result<(), Failure> {
    let text = json::document(plan).map_err(|error| unwritten(path, error))?;
    files::write_private(path, &text).map_err(|error| unwritten(path, error))
}

fn unwritten(path: &Path, error: impl Into<anyhow::Error>) -> Failure {
    Failure::new(Exit::Failed, error).during(format!("write the plan {}", path.display()))
}
