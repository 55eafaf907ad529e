using Seal.Learning.FewShot;

namespace Seal.Learning;

/// <summary>A part of a task's story, to be drawn on a terminal or a page.</summary>
/// <param name="Title">What it is, the beginning of a sentence.</param>
public abstract record StoryPart(string Title);

/// <summary>Something read or written.</summary>
public sealed record StoryText(string Title, string Text) : StoryPart(Title);

/// <summary>Grids in a row, each with what it becomes where that is shown.</summary>
public sealed record StoryGrids(string Title, IReadOnlyList<(Grid Grid, Grid? Becomes)> Grids) : StoryPart(Title);
