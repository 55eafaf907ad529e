namespace Seal.Kernels;

/// <summary>How an engine's steps so far came to a GPU; on the processor all are 0.</summary>
/// <param name="Graphs">Graphs that were made.</param>
/// <param name="Updates">How often one was given larger grids.</param>
/// <param name="Replays">How often one that was there already ran.</param>
/// <param name="Copies">Copies of tables and arguments to the device: one a graph that ran, a step of many kernels being several.</param>
public readonly record struct StepCounts(long Graphs, long Updates, long Replays, long Copies);
