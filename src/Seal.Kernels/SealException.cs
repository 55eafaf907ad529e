namespace Seal.Kernels;

/// <summary>
/// Something the user gave cannot be used. The message names the file, field and value, says what was expected and what to do;
/// the program prints it without a stack trace.
/// </summary>
public sealed class SealException : Exception
{
    public SealException(string message) : base(message) { }

    public SealException(string message, Exception inner) : base(message, inner) { }
}
