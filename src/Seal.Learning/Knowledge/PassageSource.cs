using Seal.Learning.Worlds;

namespace Seal.Learning.Knowledge;

/// <summary>Passages by name: a file's, or the generated world's.</summary>
public static class PassageSource
{
    /// <inheritdoc cref="PassageFile.Read"/>
    public static IReadOnlyList<Passage> Read(string source, int? take = null) =>
        WorldPassages.Names(source) ? WorldPassages.Read(source, take) : PassageFile.Read(source, take);
}
