using System.Text;

namespace Seal.Kernels.Native;

/// <summary>The statuses of <c>seal.h</c>.</summary>
internal enum SealStatus
{
    Ok = 0,
    BadArgument = 1,
    Unavailable = 2,
    OutOfMemory = 3,
    Internal = 4,
}

internal static class SealStatusExtensions
{
    /// <summary>Turns a failure of the call just made on this thread into an exception with the library's text.</summary>
    /// <exception cref="SealException">The argument is wrong, or asks for what this machine does not have.</exception>
    internal static void ThrowOnFailure(this SealStatus status)
    {
        if (status == SealStatus.Ok)
            return;
        string text = LastError();
        throw status switch
        {
            SealStatus.BadArgument or SealStatus.Unavailable => new SealException(text),
            SealStatus.OutOfMemory => new OutOfMemoryException($"libseal: {text}"),
            _ => new InvalidOperationException($"libseal failed with status {(int)status}: {text}"),
        };
    }

    private static unsafe string LastError()
    {
        Span<byte> text = stackalloc byte[1024];
        fixed (byte* buffer = text)
        {
            long length = LibSeal.seal_last_error(buffer, text.Length);
            return Encoding.UTF8.GetString(text[..(int)Math.Min(length, text.Length - 1)]);
        }
    }
}
