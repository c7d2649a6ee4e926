# Completion of uptake in fish: uptake completion --help says where to put it.

function __uptake_words
    set -l typed (commandline -opc)
    set -l command ''
    if test (count $typed) -ge 2
        set command $typed[2]
    end
    switch $command
@WORDS@
    end
end

complete -c uptake -f
complete -c uptake -n '__fish_seen_subcommand_from check compare rerun' -F
complete -c uptake -l config-dir -r -F -d 'a folder with configurations of yours'
complete -c uptake -a '(__uptake_words)'
