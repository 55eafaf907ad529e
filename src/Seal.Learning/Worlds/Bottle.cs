using Seal.Learning.Worlds.Grids;
using Seal.Models.Pretraining;

namespace Seal.Learning.Worlds;

/// <summary>An embedded default: a base model small enough to come with the program, and the world that it has read about.</summary>
/// <param name="Model">What settings call the model, wherever the program lies.</param>
/// <param name="File">Its file's name.</param>
/// <param name="Title">In its file's description.</param>
/// <param name="Making">How it was made.</param>
/// <param name="DigitsAlone">Whether a digit is never part of a longer token.</param>
/// <param name="Reading">What it reads, given the seed.</param>
/// <param name="Settings">What its file says that learning should use with it, as JSON.</param>
public sealed record Bottle(
    string Model, string File, string Title, PretrainingSettings Making, bool DigitsAlone, Func<ulong, IReading> Reading, string Settings)
{
    /// <summary>Of the world of passages.</summary>
    public static Bottle Passages { get; } = new(
        "embedded", "bottle.gguf", "Seal's embedded base model", new PretrainingSettings(), DigitsAlone: false, seed => new Reading(seed), BottleSettings.Json);

    /// <summary>Of the world of grids.</summary>
    public static Bottle Grids { get; } = new(
        "embedded:grids", "grids.gguf", "Seal's embedded base model of the grid world", GridBottle.Making, DigitsAlone: true, _ => new GridReading(), GridBottle.Json);

    public static IReadOnlyList<Bottle> All { get; } = [Passages, Grids];

    /// <summary>The file that a model's name stands for.</summary>
    public static string PathOf(string model) =>
        All.FirstOrDefault(bottle => bottle.Model == model) is { } bottle ? Path.Combine(AppContext.BaseDirectory, "embedded", bottle.File) : model;
}
