//! Is there a serial order that explains everything that was answered about one indicator? Answers overlap in time; an
//! order is good when each operation lies between its request and its answer, every acceptance was affordable, every
//! refusal was due, and every observation was true. Just-in-time linearisation: only what is open at an answer can have
//! happened before it, so few orders have to be tried.

use std::collections::HashSet;

/// One operation on the indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operation {
    pub begun: u64,
    pub ended: u64,
    pub what: What,
}

/// What it did, or saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// Moved the available amount by so much.
    Moved(i64),
    /// Was refused because there was less than this.
    Short(i64),
    /// Saw exactly this.
    Saw(i64),
}

/// Which operations are open at once, at most; more are not decided.
const MOST_OPEN: usize = 64;
const MOST_ORDERS: usize = 50_000;

/// What a replay says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Explained,
    /// No order explains this operation after all that was answered before it.
    Unexplained(Operation),
    /// Too much was open at once to try all orders.
    Undecided,
}

/// Operations that were asked and not yet answered; each has a bit.
#[derive(Default)]
struct Open {
    slots: Vec<Option<Operation>>,
}

/// Which open operations have happened already, and what is available then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Order {
    happened: u64,
    available: i64,
}

/// Looks for an order, beginning with this amount.
pub(crate) fn replay(opening: i64, operations: &[Operation]) -> Verdict {
    let mut events: Vec<(u64, bool, usize)> = Vec::with_capacity(operations.len().saturating_mul(2));
    for (index, operation) in operations.iter().enumerate() {
        events.push((operation.begun, false, index));
        events.push((operation.ended, true, index));
    }
    events.sort_unstable();
    let mut open = Open::default();
    let mut places = vec![0_usize; operations.len()];
    let mut orders = HashSet::from([Order { happened: 0, available: opening }]);
    for (_, is_answer, index) in events {
        let operation = operations[index];
        if !is_answer {
            let Some(place) = open.add(operation) else { return Verdict::Undecided };
            places[index] = place;
            continue;
        }
        let place = places[index];
        let Some(after) = open.with(&orders, place) else { return Verdict::Undecided };
        if after.is_empty() {
            return Verdict::Unexplained(operation);
        }
        open.slots[place] = None;
        orders = after.into_iter().map(|order| Order { happened: order.happened & !bit(place), ..order }).collect();
    }
    Verdict::Explained
}

const fn bit(place: usize) -> u64 {
    1 << place
}

impl Open {
    fn add(&mut self, operation: Operation) -> Option<usize> {
        let free = self.slots.iter().position(Option::is_none).unwrap_or(self.slots.len());
        if free >= MOST_OPEN {
            return None;
        }
        if free == self.slots.len() {
            self.slots.push(None);
        }
        self.slots[free] = Some(operation);
        Some(free)
    }

    /// All orders that go on from these and in which this operation has happened; nothing when there are too many.
    fn with(&self, orders: &HashSet<Order>, place: usize) -> Option<HashSet<Order>> {
        let (mut seen, mut found): (HashSet<Order>, HashSet<Order>) = Default::default();
        let mut waiting: Vec<Order> = orders.iter().map(|order| self.settled(*order)).collect();
        while let Some(order) = waiting.pop() {
            if !seen.insert(order) {
                continue;
            }
            if seen.len() > MOST_ORDERS {
                return None;
            }
            if order.happened & bit(place) != 0 {
                found.insert(order);
                continue;
            }
            waiting.extend(self.moves(order).map(|next| self.settled(next)));
        }
        Some(found)
    }

    fn pending(&self, order: Order) -> impl Iterator<Item = (usize, Operation)> {
        let slots = self.slots.iter().enumerate();
        slots
            .filter(move |(place, _)| order.happened & bit(*place) == 0)
            .filter_map(|(place, slot)| slot.map(|operation| (place, operation)))
    }

    fn moves(&self, order: Order) -> impl Iterator<Item = Order> {
        self.pending(order).filter_map(move |(place, operation)| {
            let What::Moved(fen) = operation.what else { return None };
            let available = order.available.checked_add(fen).filter(|left| *left >= 0 || fen > 0)?;
            Some(Order { happened: order.happened | bit(place), available })
        })
    }

    /// What changes nothing and fits now may as well have happened now.
    fn settled(&self, order: Order) -> Order {
        let fits = |what: What| match what {
            What::Moved(_) => false,
            What::Short(requested) => order.available < requested,
            What::Saw(available) => order.available == available,
        };
        let fitting = self.pending(order).filter(|(_, operation)| fits(operation.what));
        Order { happened: fitting.fold(order.happened, |happened, (place, _)| happened | bit(place)), ..order }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn during(begun: u64, ended: u64, what: What) -> Operation {
        Operation { begun, ended, what }
    }

    #[test]
    fn overlapping_answers_are_explained_by_any_order() {
        let history = [
            during(0, 10, What::Moved(-60)),
            during(1, 9, What::Moved(-40)),
            during(2, 8, What::Short(50)),
            during(3, 7, What::Saw(60)),
            during(11, 12, What::Saw(0)),
        ];
        assert_eq!(replay(100, &history), Verdict::Explained);
    }

    #[test]
    fn an_overspend_is_unexplained() {
        let second = during(0, 9, What::Moved(-50));
        assert_eq!(replay(100, &[during(0, 8, What::Moved(-60)), second]), Verdict::Unexplained(second));
    }

    #[test]
    fn a_refusal_that_was_not_due_is_unexplained() {
        let refused = during(5, 9, What::Short(50));
        assert_eq!(replay(100, &[refused]), Verdict::Unexplained(refused));
        let freed_later = [during(0, 1, What::Moved(-80)), refused, during(10, 11, What::Moved(80))];
        assert_eq!(replay(100, &freed_later), Verdict::Explained);
    }

    #[test]
    fn an_observation_of_a_lost_effect_is_unexplained() {
        let saw = during(5, 9, What::Saw(100));
        assert_eq!(replay(100, &[during(0, 4, What::Moved(-60)), saw]), Verdict::Unexplained(saw));
        assert_eq!(replay(100, &[during(0, 6, What::Moved(-60)), saw]), Verdict::Explained);
    }

    #[test]
    fn what_one_saw_binds_what_a_later_one_may_see() {
        let later = during(6, 7, What::Saw(100));
        let history = [during(0, 9, What::Moved(-60)), during(2, 3, What::Saw(40)), later];
        assert_eq!(replay(100, &history), Verdict::Unexplained(later));
    }
}
