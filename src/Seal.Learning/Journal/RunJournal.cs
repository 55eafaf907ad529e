using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Seal.Kernels;

namespace Seal.Learning.Journal;

/// <summary>
/// What a run has done, in <c>run.db</c> of its folder: one row a finished job, written with the job's group in one transaction. A killed run
/// finds here what it need not do again.
/// </summary>
public sealed class RunJournal : IDisposable
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS jobs (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, round INTEGER NOT NULL,
            inputs TEXT NOT NULL, result TEXT NOT NULL, seconds REAL NOT NULL, finished TEXT NOT NULL) WITHOUT ROWID;
        """;

    private readonly SqliteConnection _connection;
    private readonly string _path;

    /// <param name="path">The file, for messages.</param>
    /// <param name="source">What SQLite opens: the file, or a URI of it.</param>
    private RunJournal(string path, string source, SqliteOpenMode mode)
    {
        _path = path;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Mode = mode, Pooling = false }.ToString());
        try
        {
            _connection.Open();
            if (mode == SqliteOpenMode.ReadOnly)
                return;
            // A row that was committed must survive a kill and a power cut: that is what resuming rests on.
            Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;");
            Execute(Schema);
        }
        catch (SqliteException error)
        {
            _connection.Dispose();
            throw Unusable(error);
        }
    }

    /// <summary>Opens the journal of a run folder, creating both.</summary>
    /// <exception cref="SealException">The folder cannot be made, or what stands there is no journal.</exception>
    public static RunJournal Open(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SealException($"{folder}: cannot be used as a run folder ({error.Message})", error);
        }
        string path = Path.Combine(folder, "run.db");
        return new RunJournal(path, path, SqliteOpenMode.ReadWriteCreate);
    }

    /// <summary>A journal that goes with the process.</summary>
    public static RunJournal InMemory() => new("the journal in memory", ":memory:", SqliteOpenMode.Memory);

    /// <summary>Opens a journal to look at it. Where no writer has left its log, nothing is created beside it.</summary>
    /// <exception cref="SealException">There is none.</exception>
    public static RunJournal Read(string folder)
    {
        string path = Path.Combine(folder, "run.db");
        if (!File.Exists(path))
            throw new SealException($"{folder}: no run.db here; expected a folder that `seal train` or `seal evaluate` wrote");
        // A reader too would leave a log and an index (run.db-wal, run.db-shm) in the folder, unless it says that nobody writes.
        string source = File.Exists(path + "-wal") ? path : $"{new Uri(Path.GetFullPath(path)).AbsoluteUri}?immutable=1";
        return new RunJournal(path, source, SqliteOpenMode.ReadOnly);
    }

    /// <summary>The stored result of a job, or null.</summary>
    /// <exception cref="SealException">The file is damaged, or another program's.</exception>
    public T? Find<T>(Job job) where T : class
    {
        try
        {
            using SqliteCommand command = Command("SELECT result FROM jobs WHERE id = $id");
            command.Parameters.AddWithValue("$id", job.Id);
            return command.ExecuteScalar() is string text ? JsonSerializer.Deserialize<T>(text, CanonicalJson.Options) : null;
        }
        catch (Exception error) when (error is SqliteException or JsonException)
        {
            throw Unusable(error);
        }
    }

    /// <summary>The stored results of a group of jobs, in order; null unless all of them are there.</summary>
    public IReadOnlyList<T>? FindAll<T>(IReadOnlyList<Job> group) where T : class
    {
        var found = new List<T>();
        foreach (Job job in group)
        {
            if (Find<T>(job) is not { } result)
                return null;
            found.Add(result);
        }
        return found;
    }

    /// <summary>
    /// Stores the results of a group of jobs, all or none, and returns what the journal now holds for them: a job that was there before (in a
    /// group of another composition) keeps its first result, and that is the one to go on with, now as after a restart.
    /// </summary>
    /// <exception cref="SealException">The journal cannot be written.</exception>
    public IReadOnlyList<T> Store<T>(IReadOnlyList<(Job Job, T Result)> group, TimeSpan elapsed) where T : class
    {
        try
        {
            Insert(group, elapsed);
        }
        catch (SqliteException error)
        {
            throw Unusable(error);
        }
        return FindAll<T>([.. group.Select(item => item.Job)])!;
    }

    private void Insert<T>(IReadOnlyList<(Job Job, T Result)> group, TimeSpan elapsed)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction();
        foreach ((Job job, T result) in group)
        {
            using SqliteCommand command = Command(
                "INSERT OR IGNORE INTO jobs VALUES ($id, $kind, $round, $inputs, $result, $seconds, $finished)", transaction);
            command.Parameters.AddWithValue("$id", job.Id);
            command.Parameters.AddWithValue("$kind", job.Kind);
            command.Parameters.AddWithValue("$round", job.Round);
            command.Parameters.AddWithValue("$inputs", job.Inputs);
            command.Parameters.AddWithValue("$result", CanonicalJson.Serialize(result));
            command.Parameters.AddWithValue("$seconds", elapsed.TotalSeconds / group.Count);
            command.Parameters.AddWithValue("$finished", DateTime.UtcNow.ToString("O", CultureInfo.InvariantCulture));
            command.ExecuteNonQuery();
        }
        transaction.Commit();
    }

    /// <summary>Every finished job, sorted by id.</summary>
    /// <exception cref="SealException">The file is damaged, or another program's.</exception>
    public IEnumerable<JournalEntry> Entries()
    {
        var entries = new List<JournalEntry>();
        try
        {
            using SqliteCommand command = Command("SELECT id, kind, round, inputs, result, seconds FROM jobs ORDER BY id");
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
                entries.Add(new JournalEntry(
                    reader.GetString(0), reader.GetString(1), reader.GetInt32(2), reader.GetString(3), reader.GetString(4), reader.GetDouble(5)));
        }
        catch (Exception error) when (error is SqliteException or InvalidCastException)
        {
            throw Unusable(error);
        }
        return entries;
    }

    /// <summary>The journal without timings and row numbers: two runs are the same when these texts are.</summary>
    public string Canonical()
    {
        var text = new StringBuilder();
        foreach (JournalEntry entry in Entries())
            text.Append(CultureInfo.InvariantCulture, $"{entry.Id} {entry.Kind} {entry.Round} {entry.Inputs} {entry.Result}\n");
        return text.ToString();
    }

    public void Dispose() => _connection.Dispose();

    private SealException Unusable(Exception error) =>
        new($"{_path}: cannot be used as a run journal ({error.Message}); name another run folder or remove the file", error);

    private SqliteCommand Command(string sql, SqliteTransaction? transaction = null) => new(sql, _connection, transaction);

    private void Execute(string sql)
    {
        using SqliteCommand command = Command(sql);
        command.ExecuteNonQuery();
    }
}
