#pragma once

#include <vector>

#include "search/network_front.hpp"

namespace tessera {

// Tensors that stay in a memory between two layers.
//
// A tensor between a layer and the next one (`Layer::from_previous`) is *kept* in memory m if m
// holds it as a whole from before all loops: the first layer's output has its outermost hold in m,
// and so has the next layer's input, and no memory outside m holds it. So its words cross nothing
// outside m, m's capacity holds all of it beside the tiles of both layers' other tensors, and
// everything is counted by the model as it stands. What the tensor takes in m is the larger of what
// the two layers call it (an output as wide as a partial sum; an input with its padding, before
// pooling or after).

/// Whether tensors can stay in `memory`; else why not, in a sentence: it is the outermost one, or
/// there are several of it, or the architecture forbids it.
std::optional<std::string> why_none_kept(const Architecture& architecture, LevelId memory);

/// The tasks of a network whose tensors may stay in `memory`: for each layer one task by what it
/// keeps, as far as the capacity allows. Equal ones refer to the first of them (`same_as`). A task
/// that keeps something is named so: `conv2.kept-in-out`.
/// `constraints` are by layer, or none.
NetworkTasks tasks_keeping(const Network& network, std::int64_t batch,
                           const Architecture& architecture, LevelId memory,
                           const std::vector<Constraints>& constraints);

/// tasks_keeping() where there is a memory to keep in, else tasks_of().
NetworkTasks tasks_for(const Network& network, std::int64_t batch, const Architecture& architecture,
                       std::optional<LevelId> kept_in, const std::vector<Constraints>& constraints);

/// `constraints`, and that the task's kept tensors are kept.
Constraints keeping(const NetworkTasks& tasks, std::size_t task, Constraints constraints,
                    const Architecture& architecture);

/// Takes the words of kept tensors out of `dram_words`: their outermost memory is on chip.
void leave_out_kept(const NetworkTasks& tasks, std::size_t task, Evaluation& evaluation);

}  // namespace tessera
