namespace Seal.Kernels;

/// <summary>How an engine's steps so far came to a GPU; on the processor all are 0.</summary>
/// <param name="Graphs">Graphs that were made.</param>
/// <param name="Updates">Steps for which a graph was given larger grids.</param>
/// <param name="Replays">Steps that ran on a graph that was there already.</param>
/// <param name="Copies">Copies of tables and arguments to the device: one a step.</param>
public readonly record struct StepCounts(long Graphs, long Updates, long Replays, long Copies);
