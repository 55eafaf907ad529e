using System.Buffers.Binary;
using System.Text;
using Seal.Kernels.Build;

namespace Seal.Kernels.Tests.Build;

/// <summary>The weakening of version needs, on a small ELF file made here: two libraries, three versions.</summary>
public class ElfVersionNeedsTests
{
    private const int NeedsAt = 64, NamesAt = 192, HeadersAt = 256;
    private const int WeakenedFlagsAt = NeedsAt + 48 + 4; // second auxiliary entry of the first need

    [Test]
    public void The_named_version_becomes_weak_and_nothing_else_changes()
    {
        byte[] image = SmallElf(), before = SmallElf();
        Assert.That(ElfVersionNeeds.Weaken(image, "GLIBCXX_3.4.32"), Is.EqualTo(1));
        before[WeakenedFlagsAt] = 2;
        Assert.That(image, Is.EqualTo(before));
    }

    [Test]
    public void A_second_pass_changes_nothing()
    {
        byte[] image = SmallElf();
        ElfVersionNeeds.Weaken(image, "GLIBCXX_3.4.32");
        Assert.That(ElfVersionNeeds.Weaken(image, "GLIBCXX_3.4.32"), Is.Zero);
    }

    [Test]
    public void A_version_of_the_second_library_is_found()
    {
        byte[] image = SmallElf();
        Assert.That(ElfVersionNeeds.Weaken(image, "GLIBC_2.34"), Is.EqualTo(1));
    }

    [TestCase("GLIBCXX_3.4.3")]
    [TestCase("LIBCXX_3.4.32")]
    public void A_part_of_a_name_is_not_the_name(string version) =>
        Assert.That(ElfVersionNeeds.Weaken(SmallElf(), version), Is.Zero);

    [TestCase(0, 0x00u, "not an ELF file")]
    [TestCase(4, 0x01u, "64-bit little-endian")]
    public void Another_kind_of_file_is_refused(int at, uint value, string expected)
    {
        byte[] image = SmallElf();
        image[at] = (byte)value;
        Assert.That(() => ElfVersionNeeds.Weaken(image, "GLIBCXX_3.4.32"), Throws.TypeOf<InvalidDataException>().With.Message.Contains(expected));
    }

    [TestCase(40, TestName = "Section headers beyond the end are refused")]
    [TestCase(HeadersAt + 24, TestName = "A section beyond the end is refused")]
    [TestCase(HeadersAt + 32, TestName = "A section longer than the file is refused")]
    [TestCase(HeadersAt + 40, TestName = "A link to no section is refused")]
    [TestCase(NeedsAt + 8, TestName = "An auxiliary entry beyond its section is refused")]
    [TestCase(NeedsAt + 12, TestName = "A next entry beyond its section is refused")]
    [TestCase(NeedsAt + 16 + 8, TestName = "A name beyond the end is refused")]
    public void Tables_that_leave_the_file_are_refused(int at)
    {
        byte[] image = SmallElf();
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(at), 0x7fff_fff0);
        Assert.That(() => ElfVersionNeeds.Weaken(image, "GLIBCXX_3.4.32"), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void A_truncated_file_is_refused_at_every_length()
    {
        byte[] whole = SmallElf();
        for (int length = 0; length < whole.Length; length++)
            Assert.That(() => ElfVersionNeeds.Weaken(whole[..length], "GLIBCXX_3.4.32"), Throws.TypeOf<InvalidDataException>(), $"length {length}");
    }

    [Test]
    public void Any_broken_byte_ends_in_an_answer_or_a_refusal()
    {
        var random = new Random(1);
        for (int round = 0; round < 5000; round++)
        {
            byte[] image = SmallElf();
            for (int edit = 0; edit < 3; edit++)
                image[random.Next(image.Length)] = (byte)random.Next(256);
            Assert.That(() => Answers(image), Is.True);
        }
    }

    private static bool Answers(byte[] image)
    {
        try
        {
            return ElfVersionNeeds.Weaken(image, "GLIBCXX_3.4.32") >= 0;
        }
        catch (InvalidDataException e)
        {
            return e.Message.Length > 0;
        }
    }

    private static byte[] SmallElf()
    {
        byte[] image = new byte[HeadersAt + 2 * 64];
        byte[] identity = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        identity.CopyTo(image, 0);
        U64(40, HeadersAt);
        U16(58, 64);
        U16(60, 2);

        byte[] names = Encoding.ASCII.GetBytes("\0GLIBCXX_3.4\0GLIBCXX_3.4.32\0GLIBC_2.34\0");
        names.CopyTo(image, NamesAt);

        // Each library: {version 1, how many versions, its name, first version, next library}.
        Need(0, versions: 2, next: 64);
        Version(16, name: 1, next: 32);
        Version(48, name: 13, next: 0);
        Need(64, versions: 1, next: 0);
        Version(80, name: 28, next: 0);

        SectionHeader(0, type: 0x6ffffffe, NeedsAt, size: 96, link: 1, info: 2);
        SectionHeader(1, type: 3, NamesAt, size: names.Length, link: 0, info: 0);
        return image;

        void Need(int at, ushort versions, uint next)
        {
            U16(NeedsAt + at, 1);
            U16(NeedsAt + at + 2, versions);
            U32(NeedsAt + at + 8, 16);
            U32(NeedsAt + at + 12, next);
        }

        void Version(int at, uint name, uint next)
        {
            U32(NeedsAt + at + 8, name);
            U32(NeedsAt + at + 12, next);
        }

        void SectionHeader(int index, uint type, int offset, int size, uint link, uint info)
        {
            int at = HeadersAt + index * 64;
            U32(at + 4, type);
            U64(at + 24, (ulong)offset);
            U64(at + 32, (ulong)size);
            U32(at + 40, link);
            U32(at + 44, info);
        }

        void U16(int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(at), value);
        void U32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(at), value);
        void U64(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(at), value);
    }
}
