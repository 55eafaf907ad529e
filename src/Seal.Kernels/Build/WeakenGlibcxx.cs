using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Seal.Kernels.Build;

/// <summary>
/// Marks the symbol versions that an ELF library needs as weak, so that the loader no longer refuses the
/// library when its dependency lacks them. Right only when no relocation uses the version: then nothing is
/// missed at run time. Source: "Symbol Versioning", Linux Standard Base core specification, section 10.7.
/// </summary>
public static class ElfVersionNeeds
{
    private const uint SectionTypeVersionNeeds = 0x6ffffffe; // SHT_GNU_verneed
    private const ushort WeakFlag = 0x2; // VER_FLG_WEAK

    /// <summary>Sets the weak flag on every need of <paramref name="version"/> in the image of a 64-bit little-endian ELF file.</summary>
    /// <returns>The number of needs that were changed; 0 when the version is not needed or is weak already.</returns>
    /// <exception cref="InvalidDataException">The image is not such a file, or one of its tables leaves the file.</exception>
    public static int Weaken(byte[] image, string version)
    {
        var elf = new Image(image);
        int changed = 0;
        foreach (int section in elf.Sections())
        {
            if (elf.U32(section + 4) == SectionTypeVersionNeeds)
                changed += WeakenSection(elf, section, version);
        }
        return changed;
    }

    private static int WeakenSection(Image elf, int section, string version)
    {
        int names = elf.Offset(elf.Section(elf.U32(section + 40)) + 24); // sh_link: the string table
        long start = elf.Offset(section + 24);
        long end = start + elf.Offset(section + 32);
        long need = start;
        int changed = 0;
        for (uint left = elf.U32(section + 44); left > 0; left--) // sh_info: how many Elf64_Verneed
        {
            long entry = need + elf.U32(Within(need, end) + 8); // vn_aux
            for (int count = elf.U16(Within(need, end) + 2); count > 0; count--) // vn_cnt
            {
                int at = Within(entry, end);
                ushort flags = elf.U16(at + 4); // vna_flags
                if ((flags & WeakFlag) == 0 && elf.Text((long)names + elf.U32(at + 8)) == version)
                {
                    elf.SetU16(at + 4, (ushort)(flags | WeakFlag));
                    changed++;
                }
                entry = Next(at, elf.U32(at + 12), count == 1); // vna_next
            }
            need = Next(need, elf.U32(need + 12), left == 1); // vn_next
        }
        return changed;
    }

    // A list that ends before its count would be read in circles.
    private static long Next(long at, uint distance, bool last)
    {
        if (distance == 0 && !last)
            throw new InvalidDataException("the list of versions ends at " + at + ", before its count");
        return at + distance;
    }

    // Elf64_Verneed and Elf64_Vernaux are both 16 bytes.
    private static int Within(long at, long end)
    {
        if (at < 0 || at + 16 > end || at > int.MaxValue)
            throw new InvalidDataException("a version entry at " + at + " leaves its section, which ends at " + end);
        return (int)at;
    }

    /// <summary>Reads of an ELF image that never leave it.</summary>
    private sealed class Image
    {
        private readonly byte[] bytes;
        private readonly int table;
        private readonly int entrySize;
        private readonly int count;

        public Image(byte[] bytes)
        {
            this.bytes = bytes;
            if (bytes.Length < 64 || bytes[0] != 0x7f || bytes[1] != 'E' || bytes[2] != 'L' || bytes[3] != 'F')
                throw new InvalidDataException("not an ELF file");
            if (bytes[4] != 2 || bytes[5] != 1)
                throw new InvalidDataException("not a 64-bit little-endian ELF file");
            table = Offset(40);
            entrySize = U16(58);
            count = U16(60);
            if (count > 0 && entrySize < 64)
                throw new InvalidDataException("section headers of " + entrySize + " bytes, expected 64");
        }

        public IEnumerable<int> Sections()
        {
            for (uint i = 0; i < count; i++)
                yield return Section(i);
        }

        public int Section(uint index)
        {
            if (index >= count)
                throw new InvalidDataException("section " + index + " of " + count);
            return Checked(table + (long)index * entrySize, 64);
        }

        public ushort U16(long at)
        {
            return BitConverter.ToUInt16(bytes, Checked(at, 2));
        }

        public uint U32(long at)
        {
            return BitConverter.ToUInt32(bytes, Checked(at, 4));
        }

        /// <summary>A 64-bit file offset or size, which must lie in the file.</summary>
        public int Offset(long at)
        {
            ulong value = BitConverter.ToUInt64(bytes, Checked(at, 8));
            if (value > (ulong)bytes.Length)
                throw new InvalidDataException("offset or size " + value + " in a file of " + bytes.Length + " bytes");
            return (int)value;
        }

        public void SetU16(int at, ushort value)
        {
            BitConverter.GetBytes(value).CopyTo(bytes, Checked(at, 2));
        }

        public string Text(long at)
        {
            int start = Checked(at, 1);
            int end = Array.IndexOf(bytes, (byte)0, start);
            if (end < 0)
                throw new InvalidDataException("a name at " + start + " without an end");
            return Encoding.ASCII.GetString(bytes, start, end - start);
        }

        private int Checked(long at, int size)
        {
            if (at < 0 || at > bytes.Length - size)
                throw new InvalidDataException("read of " + size + " bytes at " + at + " in a file of " + bytes.Length + " bytes");
            return (int)at;
        }
    }
}

#if !NET // MSBuild compiles this file by itself and without that symbol; the tests see only the class above.
/// <summary>Copies a library; where the system's C++ runtime lacks a version that it needs, the copy needs it weakly.</summary>
public sealed class WeakenGlibcxx : Microsoft.Build.Utilities.Task
{
    [Microsoft.Build.Framework.Required]
    public string Library { get; set; }

    [Microsoft.Build.Framework.Required]
    public string Copy { get; set; }

    [Microsoft.Build.Framework.Required]
    public string Version { get; set; }

    /// <summary>The system's libstdc++ (one or none); with none the version counts as lacking.</summary>
    public Microsoft.Build.Framework.ITaskItem[] Runtimes { get; set; }

    public override bool Execute()
    {
        try
        {
            byte[] image = File.ReadAllBytes(Library);
            if (!RuntimeHasVersion() && ElfVersionNeeds.Weaken(image, Version) > 0)
                Log.LogMessage(Microsoft.Build.Framework.MessageImportance.Normal, Path.GetFileName(Library) + ": " + Version + " is needed weakly from now on");
            string temporary = Copy + ".tmp";
            Directory.CreateDirectory(Path.GetDirectoryName(Copy));
            File.WriteAllBytes(temporary, image);
            File.Delete(Copy);
            File.Move(temporary, Copy);
            return true;
        }
        catch (Exception e) when (e is IOException || e is InvalidDataException || e is UnauthorizedAccessException)
        {
            Log.LogError(Library + ": " + e.Message);
            return false;
        }
    }

    private bool RuntimeHasVersion()
    {
        foreach (Microsoft.Build.Framework.ITaskItem runtime in Runtimes ?? new Microsoft.Build.Framework.ITaskItem[0])
        {
            // Latin-1 keeps every byte one character; the version stands in the file as plain text.
            if (Encoding.GetEncoding(28591).GetString(File.ReadAllBytes(runtime.ItemSpec)).Contains(Version + "\0"))
                return true;
        }
        return false;
    }
}
#endif
