//! Planted faults, each of which must be caught by the oracle that is there for it.

use crm_core::Role;

use crate::{
    matrix,
    planted::Fault,
    run::{Oracle, Run},
    world::{Caller, World},
};

/// Every fault with its oracle.
pub(crate) const ALL: [(Fault, Oracle); 9] = [
    (Fault::GetForgetsTheTenant, Oracle::NothingShows),
    (Fault::ListHasAForeignRow, Oracle::NothingShows),
    (Fault::LogHasAForeignEvent, Oracle::NothingShows),
    (Fault::HeaderTellsOfTheOther, Oracle::NothingShows),
    (Fault::CountForgetsTheTenant, Oracle::AnswersAreAlike),
    (Fault::ForeignIdIsRefusedOtherwise, Oracle::AnswersAreAlike),
    (Fault::ForeignIdCostsMore, Oracle::CostsAreAlike),
    (Fault::WritesToTheOther, Oracle::ForeignStays),
    (Fault::WritesBeforeItRefuses, Oracle::RefusedWritesNothing),
];

/// Plants one after the other and sends the matrix as the owner until it is caught; how many were.
pub(crate) async fn caught(world: &mut World, callers: &mut [Caller], dice: &mut fastrand::Rng) -> usize {
    let owner =
        callers.iter().position(|caller| caller.role == Some(Role::Owner)).expect("there is an owner");
    let mut caught = 0;
    for (fault, oracle) in ALL {
        let planted = world.planted.clone();
        // What was answered before the fault is not given again once something has happened.
        world.own.owner.make("/api/customers", serde_json::json!({ "company": "Ada" })).await;
        let mut run = Run::new(world, callers).await;
        planted.plant(Some(fault));
        matrix::send(&mut run, dice, &[owner], Some(oracle)).await;
        planted.plant(None);
        match run.found(oracle) {
            0 => eprintln!("{fault:?} was not caught by {oracle:?}"),
            _ => caught += 1,
        }
    }
    caught
}
