//! The API server goes away in the middle: the roll waits and goes on.

use crate::suite::lab::Lab;
use crate::suite::workload::Deployment;

#[test]
#[ignore = "lab-full"]
fn a_roll_goes_on_after_an_outage_of_the_api_server() {
    let lab = Lab::begin();
    lab.namespace("shop");
    Deployment::new("shop", "web", &["lab-1", "lab-2"]).up(&lab);
    lab.mark("lab-1", &["libc6"]);
    lab.on_boot("lab-1", &["late", "5"]);
    let (boot, reboots) = (lab.node("lab-1").boot_id().to_owned(), lab.reboots("lab-1"));
    let mut running = lab.start(&["roll", "lab-1", "--yes"]);
    running.until("return: asked for the reboot");
    lab.verb(&["apiserver", "outage", "20"]);
    let ended = running.end();
    ended.exits(0).says("1 of 1 node rebooted and verified");
    assert_ne!(lab.node("lab-1").boot_id(), boot);
    assert_eq!(lab.reboots("lab-1"), reboots + 1, "{ended}");
    lab.is_as_before(&["lab-1"]);
}
