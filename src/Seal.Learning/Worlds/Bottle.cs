namespace Seal.Learning.Worlds;

/// <summary>The embedded default: a base model small enough to come with the program, and the world that it has read about.</summary>
public static class Bottle
{
    /// <summary>What settings call the embedded model, wherever the program lies.</summary>
    public const string Model = "embedded";

    /// <summary>The file that a model's name stands for.</summary>
    public static string PathOf(string model) => model == Model ? Path.Combine(AppContext.BaseDirectory, "embedded", "bottle.gguf") : model;
}
