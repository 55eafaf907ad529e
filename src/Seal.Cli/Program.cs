using System.Runtime.InteropServices;
using Seal.Cli;
using Seal.Models.Benchmarks;

if (args is ["bench", ..] && TunedProcess.Rerun(args) is int code)
    return code;

// The first signal asks the command to stop where nothing is half-written; a second one, no longer caught, ends the process.
using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext context)
{
    context.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return CommandLine.Run(args, Console.Out, Console.Error, Console.IsInputRedirected ? Console.In : null, stop.Token);
