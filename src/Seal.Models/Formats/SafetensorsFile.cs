using System.Security.Cryptography;
using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>A safetensors file, mapped. The whole head is checked when it is opened; tensors are read when asked for.</summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly MappedFile file;
    private readonly Dictionary<string, StoredTensor> tensors;

    private SafetensorsFile(MappedFile file)
    {
        this.file = file;
        (tensors, Dictionary<string, string> metadata) = SafetensorsHeader.Read(file);
        Metadata = metadata;
    }

    public string Path => file.Path;

    public IReadOnlyDictionary<string, StoredTensor> Tensors => tensors;

    /// <summary>The free texts of the head, such as "format": "pt".</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <exception cref="SealException">The file cannot be read, or anything in its head is out of the format.</exception>
    public static SafetensorsFile Open(string path)
    {
        MappedFile file = MappedFile.Open(path);
        try
        {
            return new SafetensorsFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <exception cref="SealException">There is none of that name.</exception>
    public StoredTensor Tensor(string name) =>
        tensors.GetValueOrDefault(name) ?? throw new SealException($"{Path}: no tensor '{name}' among the {tensors.Count} in the file");

    public void Dispose() => file.Dispose();

    internal void AppendTo(IncrementalHash hash) => file.AppendTo(hash);
}
